from __future__ import annotations

import pytest

from magneton.analysis.matching import match
from magneton.analysis.regions import cut

from .recordings import Program, gauss

TOKENS = [gauss(64, seed) for seed in range(10)]
HIDDEN = [gauss(64, 100 + seed) for seed in range(10)]
LOGITS = [gauss(64, 200 + seed) for seed in range(10)]


def joined(rows: list[list[float]]) -> list[float]:
    return [x for row in rows for x in row]


def decoding(steps: int, cached: bool, prompt: int = 3) -> Program:
    """A prompt's pass over two layers, then ``steps`` tokens: each by itself or all again."""
    program = Program()
    for step in range(steps + 1):
        end = prompt + step
        start = end - 1 if cached and step else 0
        value = program.input(joined(TOKENS[start:end]))
        for layer, result in enumerate((HIDDEN, LOGITS)):
            program.module = f"net.{layer}"
            value = program.op("mm", [value], joined(result[start:end]))
    return program


def paired(a: Program, b: Program) -> tuple[tuple[int, int], ...]:
    return match(a.recording(), b.recording()).pairs


def test_what_one_side_makes_anew_is_paired_with_what_the_other_adds() -> None:
    # Per pass: an input, the hidden values, the logits. Inputs are not results: they stay alone.
    expected = ((0, 0), (1, 1), (2, 2), (4, 4), (5, 5), (7, 7), (8, 8))
    assert paired(decoding(2, cached=True), decoding(2, cached=False)) == expected
    assert paired(decoding(2, cached=False), decoding(2, cached=True)) == expected


def test_every_layer_of_a_decoding_step_is_a_region() -> None:
    a, b = decoding(2, cached=True).recording(), decoding(2, cached=False).recording()
    found = cut(a, b, match(a, b))
    assert [(region.a, region.b) for region in found.regions] == [((i,), (i,)) for i in range(6)]


def test_a_rest_without_a_partner_is_no_evidence() -> None:
    a, b, other = decoding(1, cached=True), Program(), gauss(192, 51)
    b.module = "net.0"
    b.op("mm", [b.input(gauss(192, 50))], other)
    b.op("mm", [b.input(gauss(256, 52))], [*other, *HIDDEN[3]])
    assert paired(a, b) == ()


@pytest.mark.parametrize("changed", [1, 64])
def test_a_part_that_differs_is_none(changed: int) -> None:
    a, b = decoding(1, cached=True), Program()
    b.module = "net.0"
    other = [x + 0.1 for x in HIDDEN[3][:changed]] + HIDDEN[3][changed:]
    b.op("mm", [b.input(joined(TOKENS[:3]))], joined(HIDDEN[:3]))
    b.op("mm", [b.input(joined(TOKENS[:4]))], joined([*HIDDEN[:3], other]))
    assert paired(a, b) == ((0, 0), (1, 1))


def test_another_module_has_no_part_in_it() -> None:
    a, b = decoding(1, cached=True), Program()
    for module, end in (("net.0", 3), ("other", 4)):
        b.module = module
        b.op("mm", [b.input(joined(TOKENS[:end]))], joined(HIDDEN[:end]))
    assert paired(a, b) == ((0, 0), (1, 1))


def test_equal_parts_are_taken_in_the_order_in_which_they_were_made() -> None:
    """Tied weights: two layers give the same."""
    programs = []
    for cached in (True, False):
        program = Program()
        for end in (3, 4):
            value = program.input(joined(TOKENS[3 if cached and end == 4 else 0 : end]))
            for layer in range(2):
                program.module = f"net.{layer}"
                rows = HIDDEN[3:4] if cached and end == 4 else HIDDEN[:end]
                program.op("mm", [value], joined(rows))
        programs.append(program)
    assert paired(*programs) == ((0, 0), (1, 1), (2, 2), (4, 4), (5, 5))
