"""The order of the rules."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.moves import Move, MoveFact
from magneton.analysis.diagnosis.rules import explain
from tests.analysis.diagnosis.findings import facts, followed, side


def test_the_more_precise_rule_comes_first() -> None:
    a = side("a", "eig", settings={"tf32": "1"})
    moves = MoveFact((Move("copy", "copies", "aten::clone", 1, None, "x.clone()"),), 0.9)
    b = side("b", "eigh", settings={"tf32": "2"})
    everything = facts(a, b, followed=followed(), moves=moves)
    named = []
    for left in (
        everything,
        replace(everything, followed=None),
        replace(everything, followed=None, shared=False),
        replace(everything, followed=None, shared=False, moves=None),
    ):
        found = explain(left)
        named.append(found.name if found is not None else None)
    assert named == ["act", "tf32", "x.clone()", "run_a(x)"]


def test_nothing_differs_and_nothing_is_said() -> None:
    assert explain(facts()) is None
