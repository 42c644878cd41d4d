"""The rule for data that one side alone moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.facts import Explanation
from magneton.analysis.diagnosis.movement import explain, is_movement
from magneton.analysis.diagnosis.moves import Move, MoveFact
from tests.analysis.diagnosis.findings import CALL, facts, side
from tests.analysis.steps import frame

CAST = Move(
    "cast",
    "casts float32 to float64",
    "aten::_to_copy",
    12,
    CALL,
    "x.double()",
    undone=".float()",
    back=frame("step", 9),
)
LAYOUT = Move("layout", "lays elements out anew", "aten::clone", 1, CALL, "x.t().contiguous()")
MOVES = MoveFact((CAST, LAYOUT), 0.8)


def told(moves: MoveFact) -> Explanation:
    found = explain(facts(moves=moves))
    assert found is not None
    return found


def test_the_costliest_is_named() -> None:
    found = told(MOVES)
    assert (found.kind, found.category, found.name) == ("redundant", "redundant", "x.double()")
    assert (found.wasteful_value, found.efficient_value) == ("12 times", "never")
    assert found.frame == CALL
    assert not found.confirmed
    assert found.message == (
        "`x.double()` casts float32 to float64, which `.float()` on line 9 undoes; the other side "
        "computes the same without"
    )
    assert found.remedy == "leave it out, and `.float()`, which undoes it, as well"
    assert [(each.kind, each.text) for each in found.evidence] == [
        (
            "movement",
            "`x.double()` casts float32 to float64 12 times a step (aten::_to_copy), which "
            "`.float()` on line 9 undoes",
        ),
        ("movement", "`x.t().contiguous()` lays elements out anew once a step (aten::clone)"),
        ("energy", "moving data makes 80 % of the difference between the sides"),
    ]
    assert is_movement(found)


@pytest.mark.parametrize(
    ("move", "remedy"),
    [
        (LAYOUT, "leave it out, and keep the layout that is there"),
        (
            replace(CAST, undone=None),
            "leave the cast out: the other side computes the same in the type that is there",
        ),
        (replace(LAYOUT, kind="copy"), "leave the copy out, and work on what is there"),
        (
            replace(CAST, only=False),
            "give it tensors of the type and layout that it works on, so that it need not copy "
            "them",
        ),
    ],
)
def test_what_to_do(move: Move, remedy: str) -> None:
    assert told(MoveFact((move,), 0.5)).remedy == remedy


def test_without_a_line_the_operator_is_named() -> None:
    assert told(MoveFact((replace(LAYOUT, frame=None, text=None),), 1.0)).name == "aten::clone"


def test_what_is_no_cause() -> None:
    assert explain(facts()) is None
    assert explain(facts(moves=MoveFact((), 0.8))) is None
    assert explain(facts(moves=replace(MOVES, share=0.49))) is None  # something else is most of it


def test_another_call_is_no_movement() -> None:
    within = MoveFact((replace(LAYOUT, only=False),), 0.8)
    others = facts(side("a", "bmm"), side("b", "mm"))
    assert explain(replace(others, moves=within)) is None
    assert explain(replace(others, moves=MoveFact((LAYOUT,), 0.8))) is not None
