"""The order of the rules."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.rules import explain
from tests.analysis.diagnosis.findings import facts, followed, side


def test_the_more_precise_rule_comes_first() -> None:
    a = side("a", "eig", settings={"tf32": "1"})
    everything = facts(a, side("b", "eigh", settings={"tf32": "2"}), followed=followed())
    named = []
    for left in (
        everything,
        replace(everything, followed=None),
        replace(everything, followed=None, shared=False),
    ):
        found = explain(left)
        named.append(found.name if found is not None else None)
    assert named == ["act", "tf32", "run_a(x)"]


def test_nothing_differs_and_nothing_is_said() -> None:
    assert explain(facts()) is None
