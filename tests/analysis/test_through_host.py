from __future__ import annotations

from magneton.analysis.matching import match
from magneton.analysis.regions import cut

from .recordings import Program, gauss
from .test_regions import cut_of, names

N = 16
X, TABLE, COUNTS, FREE = (gauss(N, seed) for seed in range(4))


def counting(program: Program) -> int:
    return program.op("mul", [program.input(X)], TABLE)


def read_one_by_one(program: Program, table: int) -> None:
    for row in program.ops("unbind", [table], [[x] for x in TABLE[:2]]):
        program.ops("_local_scalar_dense", [row], [])


def lifted(program: Program, numbers: list[float]) -> int:
    """A tensor that is made of numbers on the host."""
    return program.move("lift_fresh", program.input(numbers))


def test_what_is_counted_on_the_host_is_one_region_with_what_counts_on_the_device() -> None:
    a = Program()
    read_one_by_one(a, counting(a))
    b = Program()
    over = b.op("gt", [counting(b)], gauss(N, 9))
    first, second = a.recording(lifted(a, COUNTS)), b.recording(b.op("sum", [over], COUNTS))
    read = ["unbind", "_local_scalar_dense", "_local_scalar_dense", "lift_fresh"]
    for x, y, pair in ((first, second, (read, ["gt", "sum"])), (second, first, None)):
        found = cut_of(x, y)
        assert (found.unmatched_a, found.unmatched_b) == ((), ())
        assert names(x, y, found)[1:] == [pair or (["gt", "sum"], read)]
    assert cut(first, second, match(first, second)).regions[1].outputs == ((4, 3),)


def test_a_value_made_on_the_host_may_be_read_by_operators() -> None:
    a, b = Program(), Program()
    read_one_by_one(a, counting(a))
    first = a.recording(a.op("stack", [lifted(a, FREE)], COUNTS))
    second = b.recording(b.op("sum", [counting(b)], COUNTS))
    read = ["unbind", "_local_scalar_dense", "_local_scalar_dense", "lift_fresh", "stack"]
    assert names(first, second, cut_of(first, second))[1:] == [(read, ["sum"])]


def test_what_both_sides_compute_from_what_is_read_was_not_made_by_the_host() -> None:
    a, b = Program(), Program()
    table, other = counting(a), counting(b)
    read_one_by_one(a, table)
    first = a.recording(a.op("neg", [table], FREE), a.op("cumsum", [table], COUNTS))
    second = b.recording(b.op("neg", [other], FREE), b.op("sum", [other], COUNTS))
    assert names(first, second, cut_of(first, second))[-1] == (["cumsum"], ["sum"])


def test_a_value_that_was_there_before_the_step_was_not_made_of_what_is_read() -> None:
    a, b = Program(), Program()
    read_one_by_one(a, counting(a))
    first = a.recording(a.input(COUNTS))
    second = b.recording(b.op("sum", [counting(b)], COUNTS))
    found = cut_of(first, second)
    assert len(found.unmatched_a) == 3
    assert len(found.unmatched_b) == 1


def test_what_is_read_after_a_value_was_made_did_not_lead_to_it() -> None:
    a, b = Program(), Program()
    table = counting(a)
    made = lifted(a, COUNTS)
    read_one_by_one(a, table)
    second = b.recording(b.op("sum", [counting(b)], COUNTS))
    assert len(cut_of(a.recording(made), second).regions) == 1
