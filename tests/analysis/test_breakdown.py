"""One side's energy by range, function and module."""

from __future__ import annotations

from magneton.analysis.breakdown import NOWHERE, Place, break_down
from magneton_agent.schema.location import Location
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
    assert [(each.label, each.operators) for each in found] == [("a.py:5:1", 3), ("a.py:5:1", 1)]


def test_figures() -> None:
    row = break_down(OPERATORS, PLACES, COST).by_range[0]
    assert row.energy_j == COST.energy_of((0, 2))
    assert row.duration_s == COST.duration_of((0, 2))


def test_a_step_without_operators() -> None:
    found = break_down((), [], cost(blocks([]), ()))
    assert (found.by_range, found.by_function, found.by_module) == ((), (), ())
