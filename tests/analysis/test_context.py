from __future__ import annotations

from magneton.analysis.context import overlap, surroundings
from magneton.analysis.flow import flow_of

from .recordings import Program, gauss


def test_the_surroundings_are_the_nearest_matched_values_and_the_operators() -> None:
    program = Program()
    x, w = program.input(gauss(8, 1)), program.parameter(gauss(8, 2))
    y = program.op("mm", [x, w], gauss(8, 3))
    hidden = program.op("exp", [y], gauss(8, 4))
    z = program.op("mul", [hidden, x], gauss(8, 5))
    flow = flow_of(program.recording(z))
    # x and z are matched, as pairs 70 and 71.
    assert surroundings(flow, y, {x: 70, z: 71}) == {
        ("above", 70),
        ("from", 70),
        ("below", 71),
        ("producer", "mm"),
        ("consumer", "exp"),
    }
    assert surroundings(flow, w, {x: 70}) == {
        ("beside", 70),
        ("leaf", ""),
        ("consumer", "mm"),
    }
    assert ("output", 0) in surroundings(flow, z, {})


def test_an_operator_over_very_many_tensors_says_nothing() -> None:
    program = Program()
    many = [program.input(gauss(8, seed)) for seed in range(60)]
    results = program.ops("_foreach_add", many, [gauss(8, 100 + seed) for seed in range(5)])
    flow = flow_of(program.recording())
    pairs = {group: group for group in [*many[1:], *results]}
    assert surroundings(flow, many[0], pairs) == {("leaf", ""), ("consumer", "add")}


def test_the_overlap_weighs_relations_more_than_names() -> None:
    # 1 of "above" in common; "producer" (1/2) on one side only.
    both, one = ("above", 1), ("producer", "mm")
    assert overlap(frozenset([both, one]), frozenset([both])) == 1 / 1.5
    assert overlap(frozenset([one]), frozenset([both])) == 0.0
    assert overlap(frozenset(), frozenset()) == 0.0
