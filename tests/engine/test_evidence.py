"""What every finding says of its sides, whichever rule explains it: their operators, and where
their call paths part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from magneton.analysis.diagnosis import calls
from magneton.analysis.diagnosis import followed as rule
from magneton.analysis.diagnosis.facts import Explanation
from magneton.analysis.paths import Fork
from magneton.engine.assemble import Sites
from magneton.engine.confirming import Confirmer
from magneton.engine.evidence import evidence_of
from magneton.source.positions import Locator
from magneton_agent.schema.location import Frame, Location
from tests.agent.recordings import recorded
from tests.analysis.diagnosis.findings import CALL, FORWARD, INIT, facts, followed, side
from tests.builders import location
from tests.engine.explained import explained, seconds
from tests.engine.pairs import Pair, X, because

BOTH = facts(side("a", "exp", "div"), side("b", "sigmoid"))
FORK = Fork(FORWARD, (INIT, None))
OPERATORS = [
    ("operators", "side a runs aten::exp, aten::div", 7),
    ("operators", "side b runs aten::sigmoid", 7),
]
PATH = (
    "path",
    "the call paths part in Block.forward: side a to Block.__init__, side b to aten::sigmoid",
    40,
)


def written_out() -> Tensor:
    return 1 / (1 + torch.exp(-X))


def fused() -> Tensor:
    return torch.sigmoid(X)


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair(written_out, fused)


def told(
    pair: Pair, found: Explanation | None, fork: Fork | None
) -> list[tuple[str, str, int | None]]:
    """The evidence beside the ratio, with its lines."""
    (case,) = pair.cases
    ratio, *others = evidence_of(case, BOTH, found, fork)
    assert ratio.kind == "energy"
    return [
        (note.kind, note.text, note.location.start.line if note.location else None)
        for note in others
    ]


@pytest.mark.parametrize("found", [None, because("precision")])
def test_both_sides_operators_and_where_they_part(pair: Pair, found: Explanation | None) -> None:
    assert told(pair, found, FORK) == [*OPERATORS, PATH]


def test_what_a_rule_says_itself_is_not_said_twice(pair: Pair) -> None:
    assert told(pair, calls.explain(BOTH), FORK) == [*OPERATORS, PATH]
    at_forward = rule.explain(replace(BOTH, followed=followed()))
    kinds = [kind for kind, _, _ in told(pair, at_forward, FORK)]
    assert kinds == ["path", "value", "value", "operators", "operators"]


def test_a_place_that_a_rule_did_not_tell_is_added(pair: Pair) -> None:
    above = rule.explain(replace(BOTH, followed=followed(function=CALL)))
    assert [text for kind, text, _ in told(pair, above, FORK) if kind == "path"] == [
        "both sides run build and go on differently from there",
        PATH[1],
    ]


@pytest.mark.parametrize(
    ("fork", "text", "line"),
    [
        (Fork(FORWARD, (INIT, INIT)), "the call paths part in Block.forward", 40),
        (
            Fork(None, (INIT, CALL)),
            "the call paths share no function: side a to Block.__init__, side b to build",
            12,
        ),
    ],
)
def test_other_ways_to_part(pair: Pair, fork: Fork, text: str, line: int) -> None:
    assert told(pair, None, fork)[-1] == ("path", text, line)


def test_nothing_is_said_where_both_go_the_same_way(pair: Pair) -> None:
    assert told(pair, None, None) == OPERATORS


def test_each_sides_operators_are_placed_by_its_own_sources(pair: Pair) -> None:
    """A revision of it may lie in another folder."""
    (case,) = pair.cases
    own, other = case.sites

    class Revised(Sites):
        def location(self, frame: Frame) -> Location:
            return location("revised.py", 3)

    there = Revised(other.recording, Locator(Path("/")))
    found = evidence_of(replace(case, sites=(own, there)), BOTH, None, None)
    assert [note.location.path for note in found if note.location] == ["/w/a.py", "revised.py"]


def test_a_real_pair_says_what_it_runs_and_where_it_parts(tmp_path: Path) -> None:
    a, b = recorded(written_out), recorded(fused)
    found, _ = explained(tmp_path, (a, b), (seconds(a), seconds(b)), Confirmer({}, {}, 0.1))
    (finding,) = found.findings
    assert [
        (note.text, note.location is not None)
        for note in finding.evidence
        if note.kind in ("operators", "path")
    ] == [
        ("side a runs aten::neg, aten::exp, aten::add, aten::reciprocal, aten::mul", True),
        ("side b runs aten::sigmoid", True),
        ("the call paths part in test_a_real_pair_says_what_it_runs_and_where_it_parts", True),
    ]
