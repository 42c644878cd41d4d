"""What runs below one place of a program."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.below import Below, added
from magneton_agent.schema.recording import Recording
from tests.analysis.recordings import Program
from tests.analysis.steps import frame

PLACE, INNER, STEP = frame("run", 5), frame("inner", 9), frame("step", 2)
LAST = 3


def step() -> Recording:
    """Four operators, each of which reads the one before: two below the place, one elsewhere, one
    of a backward pass that runs below it."""
    program = Program()
    value = program.input([1.0, 2.0])
    for name in ("exp", "mul", "sin", "cos"):
        value = program.op(name, [value], [3.0, 4.0])
    stacks = ((1, 0, 2), (0, 2), (2,), (0, 2))
    forward = (None, None, None, 2)
    made = program.recording(value)
    return replace(
        made,
        operators=tuple(
            replace(each, stack=each.id, forward=forward[each.id]) for each in made.operators
        ),
        frames=(PLACE, INNER, STEP),
        stacks=stacks,
    )


def test_what_runs_below_a_place_as_it_was_written_or_as_it_ran() -> None:
    assert Below(step(), PLACE).operators == {0, 1, LAST}
    assert Below(step(), INNER).operators == {0}
    assert Below(step(), frame("other", 1)).operators == frozenset()


def test_it_explains_what_one_side_runs_more() -> None:
    below = Below(step(), PLACE)
    assert below.explains((0, 1), ("aten::mul",))
    assert below.explains((0, 1, 2), ("aten::sin",))
    assert not below.explains((0, 2), ("aten::exp",))
    assert not below.explains((0,), ("aten::exp",))
    # Also what only moves data.
    assert not below.explains((0, 2), ("aten::mul",))


def test_it_connects_what_hands_values_on_there() -> None:
    below = Below(step(), PLACE)
    assert below.connects((0,), (1,))
    # The one between them runs elsewhere.
    assert not below.connects((1,), (LAST,))


def backward(*uses: int, forward: int | None = None) -> Recording:
    """A backward pass that checks what it computes; ``uses`` are values that it returns."""
    program = Program()
    program.phase = "backward"
    value = program.input([1.0, 2.0])
    program.op("isnan", [value], [0.0, 0.0])
    program.op("any", [1], [0.0])
    program.op("mul", [value], [3.0, 4.0])
    made = program.recording(*uses)
    operators = (replace(each, forward=forward) for each in made.operators)
    return replace(made, operators=tuple(operators), frames=(STEP,), stacks=((0,),))


CHECK = ("aten::isnan", "aten::any")


def test_what_is_added_and_leads_nowhere_is_where_it_ran() -> None:
    for forward in (None, 2):
        found = added(backward(3, forward=forward), (0, 1, 2), ("aten::mul",))
        assert found == (CHECK, frozenset(((STEP,),)))


def test_what_leads_on_is_where_it_was_written_if_that_is_known() -> None:
    assert added(backward(2), (0, 1, 2), ("aten::mul",)) is None
    assert added(backward(2, forward=0), (0, 1, 2), ("aten::mul",)) is not None


def test_what_one_side_runs_instead_is_not_added() -> None:
    assert added(backward(3), (0, 1, 2), ("aten::mul", "aten::add")) is None
    assert added(backward(3), (0, 1, 2), (*CHECK, "aten::mul")) is None
