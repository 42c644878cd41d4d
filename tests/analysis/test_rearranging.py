from __future__ import annotations

import pytest

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match
from magneton.analysis.rearranging import without_rearranging
from magneton.analysis.regions import cut
from magneton_agent.schema.recording import Recording

from .recordings import Numbers, Program, gauss

N = 64
X, U, V = (gauss(N, seed) for seed in range(3))
Region = tuple[list[str], list[str]]


def regions(a: Recording, b: Recording) -> list[Region]:
    """The regions as operator names; nothing is left unmatched."""
    found = cut(a, b, match(a, b))
    assert (found.unmatched_a, found.unmatched_b) == ((), ())
    return [
        (
            [a.operators[i].name.removeprefix("aten::") for i in region.a],
            [b.operators[i].name.removeprefix("aten::") for i in region.b],
        )
        for region in found.regions
    ]


def scan(flip: Numbers | None) -> Recording:
    """exp, then a product that reads the result, flipped where ``flip`` is given."""
    program = Program()
    y = program.op("exp", [program.input(X)], U)
    if flip is not None:
        y = program.op("flip", [y], flip)
    return program.recording(program.op("mm", [y], V))


def moves(program: Program, matched: set[int]) -> set[int]:
    """What counts as a move where the groups ``matched`` have partners."""
    flow = flow_of(program.recording())
    return set(without_rearranging(flow, {group: group for group in matched}).moves)


def test_a_flip_of_one_side_goes_with_the_operator_that_reads_it() -> None:
    flipped, plain = scan(U[::-1]), scan(None)
    exp = (["exp"], ["exp"])
    assert regions(flipped, plain) == [exp, (["flip", "mm"], ["mm"])]
    assert regions(plain, flipped) == [exp, (["mm"], ["flip", "mm"])]


def test_a_flip_of_both_sides_is_a_region_of_its_own() -> None:
    assert regions(scan(U[::-1]), scan(U[::-1])) == [
        (["exp"], ["exp"]),
        (["flip"], ["flip"]),
        (["mm"], ["mm"]),
    ]


def test_an_operator_that_changes_elements_is_no_move() -> None:
    changed = scan([1.01 * u for u in U])
    assert regions(changed, scan(None)) == [(["exp"], ["exp"]), (["flip", "mm"], ["mm"])]
    program = Program()
    program.op("mul", [program.op("exp", [program.input(X)], U)], [1.01 * u for u in U])
    assert moves(program, {0, 1}) == set()


@pytest.mark.parametrize("result", [U[::-1], sorted(U), U])
def test_only_where_one_of_the_two_has_no_partner(result: Numbers) -> None:
    program = Program()
    program.op("reorder", [program.op("exp", [program.input(X)], U)], result)
    assert moves(program, {0, 1}) == {1}
    assert moves(program, {0, 2}) == {1}
    assert moves(program, {0, 1, 2}) == set()


def test_beside_a_result_without_a_partner_a_pair_stays_a_pair() -> None:
    program = Program()
    y = program.op("exp", [program.input(X)], U)
    program.ops("flip", [y], [U[::-1], [*U[3:], *U[:3]]])
    flow = without_rearranging(flow_of(program.recording()), {0: 0, 1: 1, 2: 2})
    assert flow.group_of[2] == 2
    assert flow.group_of[3] == 1


def test_the_group_is_that_of_the_value_with_a_partner() -> None:
    program = Program()
    program.op("flip", [program.op("exp", [program.input(X)], U)], U[::-1])
    flow = without_rearranging(flow_of(program.recording(2)), {0: 0, 2: 1})
    assert flow.group_of == {0: 0, 1: 2, 2: 2}
    assert flow.producer == {2: 0}
    assert flow.positions == {2: (0,)}


def test_several_in_a_row_are_one_group() -> None:
    program = Program()
    y = program.op("exp", [program.input(X)], U)
    program.op("roll", [program.op("flip", [y], U[::-1])], [*U[3:], *U[:3]])
    flow = without_rearranging(flow_of(program.recording()), {0: 0, 1: 1})
    assert flow.group_of == {0: 0, 1: 1, 2: 1, 3: 1}
    assert flow.moves == {1, 2}


def test_a_sort_whose_indices_are_used_gives_more_than_it_read() -> None:
    order = [float(i) for i in sorted(range(N), key=U.__getitem__)]
    for used in (False, True):
        program = Program()
        y = program.op("exp", [program.input(X)], U)
        ordered, indices = program.ops("sort", [y], [sorted(U), order])
        last = program.op("gather", [ordered, indices] if used else [ordered], V)
        flow = without_rearranging(flow_of(program.recording()), {0: 0, y: 1, last: 2})
        assert flow.group_of[ordered] == (ordered if used else y)


def test_a_gather_by_a_permutation_is_a_move() -> None:
    order = [(5 * i + 2) % N for i in range(N)]
    program = Program()
    y = program.op("exp", [program.input(X)], U)
    index = program.input([float(i) for i in order], "int64")
    program.op("index_select", [y, index], [U[i] for i in order])
    assert moves(program, {0, 1, 2}) == {1}


def test_a_product_with_one_is_a_move() -> None:
    program = Program()
    y = program.op("exp", [program.input(X)], U)
    program.op("mul", [y], U, other="1")
    program.op("mm", [2], V)
    assert moves(program, {0, 1, 3}) == {1}


def test_integers_are_the_same_only_if_all_of_them_are() -> None:
    tokens = [float(i * 37 % 50257) for i in range(2000)]
    other = [*tokens[:-1], tokens[-1] - 1]
    for result, expected in ((tokens[::-1], {1}), (other, set())):
        program = Program()
        ids = program.op("embed", [program.input(X)], tokens, "int64")
        program.op("clamp", [ids], result, "int64")
        assert moves(program, {0, 1}) == expected


def test_a_constant_is_no_copy_of_another() -> None:
    program = Program()
    y = program.op("zeros_like", [program.input(X)], [0.0] * N)
    program.op("neg", [y], [0.0] * N)
    assert moves(program, {0, 1}) == set()
