"""One side's energy by range, function and module."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.breakdown import NOWHERE, Place, break_down
from magneton_agent.schema.location import Location, Position
from tests.analysis.steps import blocks, cost, operator, recording
from tests.builders import location

OUTER, INNER = ("step", location(line=1)), ("layer", location(line=9))
LINE_5, LINE_7 = location(line=5, column=4), location(line=7)
OPERATORS = recording(
    [
        operator("mul", module="Net.first"),
        operator("add", module="Net.second"),
        operator("sin", module="Net.first"),
        operator("cos"),
    ]
).operators
PLACES = [
    Place(LINE_5, (INNER, OUTER)),
    Place(LINE_7, (OUTER,)),
    Place(LINE_5, (INNER, INNER, OUTER)),
    Place(None, ()),
]
# Energies 1, 2, 4 and 1 J of 10 J.
COST = cost(blocks(*[(1.0, 2.0, 4.0, 1.0)] * 6), (1.0,) * 4, energy_j=10.0)
Row = tuple[str, Location | None, int, float]


def rows(name: str) -> list[Row]:
    found = getattr(break_down(OPERATORS, PLACES, COST), name)
    return [(each.label, each.location, each.operators, each.share) for each in found]


def test_by_range_largest_first() -> None:
    assert rows("by_range") == [
        ("a.py:5:5", LINE_5, 2, 0.5),
        ("a.py:7:1", LINE_7, 1, 0.2),
        (NOWHERE, None, 1, 0.1),
    ]


def test_by_function_holds_all_that_runs_inside() -> None:
    assert rows("by_function") == [
        ("step", OUTER[1], 3, 0.7),
        ("layer", INNER[1], 2, 0.5),  # a function inside itself counts once
    ]


def test_by_module() -> None:
    assert rows("by_module") == [
        ("Net.first", None, 2, 0.5),
        ("Net.second", None, 1, 0.2),
        ("(no module)", None, 1, 0.1),
    ]


def test_ranges_that_end_elsewhere_are_apart() -> None:
    places = [Place(location(line=5, end_column=end), ()) for end in (3, 4, 4, 4)]
    found = break_down(OPERATORS, places, COST).by_range
    assert [(each.label, each.operators) for each in found] == [
        ("a.py:5:1-4", 3),
        ("a.py:5:1-3", 1),
    ]


def test_ranges_that_end_on_other_lines_are_told_apart() -> None:
    longer = replace(location(line=5, end_column=4), end=Position(7, 2))
    places = [Place(each, ()) for each in (longer, longer, location(line=5), location(line=6))]
    found = break_down(OPERATORS, places, COST).by_range
    assert {each.label for each in found} == {"a.py:5:1-7:2", "a.py:5:1-1", "a.py:6:1"}


def test_functions_of_one_name_are_told_apart() -> None:
    other = ("layer", location("b.py", 3))
    places = [Place(LINE_5, (each, OUTER)) for each in (INNER, other, other, INNER)]
    found = break_down(OPERATORS, places, COST).by_function
    assert {each.label for each in found} == {"step", "layer (a.py:9)", "layer (b.py:3)"}


def test_figures() -> None:
    row = break_down(OPERATORS, PLACES, COST).by_range[0]
    assert row.energy_j == COST.energy_of((0, 2))
    assert row.duration_s == COST.duration_of((0, 2))


def test_a_step_without_operators() -> None:
    found = break_down((), [], cost(blocks([]), ()))
    assert (found.by_range, found.by_function, found.by_module) == ((), (), ())


def repeated(times: int) -> list[tuple[str, int | None, list[tuple[str, int]]]]:
    """Rows by range and module of a line that runs two operators in each of so many layers."""
    made = [
        operator(name, module=f"Net.layers.{number}.linear")
        for number in range(times)
        for name in ("t", "addmm")
    ]
    operators = recording(made).operators
    places = [Place(LINE_5, (OUTER,), forwards=(1,)) for _ in operators]
    seconds = [float(1 + each % 5) for each in range(len(operators))]
    side = cost(blocks(*[seconds] * 6), (1.0,) * len(operators), energy_j=1000.0)
    found = break_down(operators, places, side).by_range
    return [
        (row.label, row.count, [(each.label, each.operators) for each in row.instances])
        for row in found
    ]


def test_a_line_that_runs_many_times_is_one_row_with_its_times() -> None:
    layers = [(f"Net.layers.{number}.linear", 2) for number in range(3)]
    assert repeated(3) == [("a.py:5:5", 3, layers)]


def test_what_ran_once_has_no_times() -> None:
    assert repeated(1) == [("a.py:5:5", 1, [])]


def test_of_many_times_the_costliest_are_kept_in_order() -> None:
    ((_, count, instances),) = repeated(40)
    numbers = [int(label.split(".")[2]) for label, _ in instances]
    assert (count, len(numbers)) == (40, 32)
    assert numbers == sorted(numbers)
    # Layers take 3, 7, 6, 5 and 9 s in turn: the cheapest eight are left out.
    assert [number for number in range(40) if number % 5 == 0] == sorted(
        set(range(40)) - {*numbers}
    )


def test_a_module_that_runs_again_is_counted_by_its_number() -> None:
    operators = recording(
        [operator(name, module="Net.act") for name in ("mul", "tanh") * 2]
    ).operators
    side = cost(blocks(*[(1.0,) * 4] * 6), (1.0,) * 4)
    (row,) = break_down(operators, [Place(None, ())] * 4, side).by_module
    assert row.count == 2
    assert [(each.label, each.operators) for each in row.instances] == [("#1", 2), ("#2", 2)]
    assert row.instances[1].energy_j == side.energy_of((2, 3))
    (nowhere,) = break_down(operators, [Place(None, ())] * 4, side).by_range
    assert (nowhere.count, nowhere.instances) == (None, ())


def counted(heights: tuple[int, int], *modules: str) -> list[tuple[str, int | None]]:
    """How often the step and a function that it calls ran, of one operator in each module."""
    inner = ("inner", location(line=9))
    operators = recording([operator("mul", module=each) for each in modules]).operators
    places = [Place(LINE_5, (inner, OUTER), heights)] * len(operators)
    side = cost(blocks(*[(1.0,) * len(operators)] * 6), (1.0,) * len(operators))
    found = break_down(operators, places, side).by_function
    return [(row.label, row.count) for row in found]


def test_the_outermost_function_is_the_step_and_runs_once() -> None:
    assert counted((0, 0), "Net", "Net") == [("inner", 2), ("step", 1)]


def test_a_function_that_may_loop_over_a_module_itself_is_not_counted() -> None:
    assert counted((1, 1), "Net", "Net") == [("inner", None), ("step", 1)]
    assert counted((1, 1), "Net") == [("inner", 1), ("step", 1)]


def rows_of_inner(*places: Place) -> list[tuple[int | None, int]]:
    """How often the range, and a module, ran of one operator at each of ``places``, which all have
    another stack."""
    made = [operator("mul", module="Net", stack=number) for number in range(len(places))]
    operators = recording(made, stacks=((),) * len(made)).operators
    side = cost(blocks(*[(1.0,) * len(made)] * 6), (1.0,) * len(made))
    found = break_down(operators, list(places), side)
    return [(row.count, len(row.instances)) for row in (*found.by_range, *found.by_module)]


def test_what_is_called_from_two_lines_ran_twice() -> None:
    one = Place(LINE_5, (INNER,), (0,), within=(3,), within_module=4)
    assert rows_of_inner(one, one) == [(2, 2), (2, 2)]
    other = replace(one, within=(5,), within_module=6)
    assert rows_of_inner(one, other) == [(1, 0), (1, 0)]


def test_parameters_that_an_optimizer_goes_through_are_one_run() -> None:
    first, second = (
        Place(LINE_5, (INNER,), (0,), (3,), within_module=4, memory=number) for number in (7, 8)
    )
    assert rows_of_inner(first, second) == [(1, 0), (1, 0)]
    assert rows_of_inner(first, second, first, second) == [(2, 2), (2, 2)]
