"""What is said of a value that was followed to its origin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.facts import Difference, Followed, Passed, TriedFact
from magneton.analysis.diagnosis.followed import explain, passing
from magneton.analysis.effect import Effect
from magneton.analysis.statistics import Interval
from tests.analysis.diagnosis.findings import CALL, FORWARD, INIT, facts, followed


def test_nothing_was_followed() -> None:
    assert explain(facts()) is None


def test_a_tensor_as_such_is_no_decision() -> None:
    assert explain(facts(followed=followed(tensor=True))) is None


def test_what_decides_and_the_way_to_it() -> None:
    found = explain(facts(followed=followed()))
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "argument", "act")
    assert (found.wasteful_value, found.efficient_value) == ("'slow'", "'fast'")
    assert (found.frame, found.confirmed) == (CALL, False)
    assert [(note.text, note.frame) for note in found.evidence] == [
        ("both sides run Block.forward and go on differently from there", FORWARD),
        ("`self.act` is Slow on side a, Fast on side b", INIT),
        ("`act` is 'slow' on side a, 'fast' on side b", CALL),
    ]
    assert found.message == "`act` is 'slow'; 'fast' computes the same for less"
    assert found.remedy == "pass act='fast' to Config"


def test_what_is_passed_on_under_its_name_is_told_once() -> None:
    outer = Passed("act", "'slow'", "'fast'", CALL)
    way = (Passed("act", "'slow'", "'fast'", INIT), outer, outer, Passed("mode", "1", "2", CALL))
    told = passing(followed(way=way), "a", "b")
    assert [(each.text, each.frame) for each in told] == [
        ("`act` is 'slow' on side a, 'fast' on side b", INIT),
        ("`mode` is 1 on side a, 2 on side b", CALL),
    ]


def test_an_argument_that_is_left_at_its_default() -> None:
    found = explain(facts(followed=followed(given=False)))
    assert found is not None
    assert found.message == (
        "`act`, left at its default, is 'slow'; 'fast' computes the same for less"
    )


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"kind": "call", "name": "Slow"}, "use 'fast' instead of 'slow'"),
        ({"owner": None, "name": "MODE"}, "let MODE be 'fast'"),
    ],
)
def test_remedies(changes: dict[str, str | None], remedy: str) -> None:
    found = explain(facts(followed=followed(**changes)))
    assert found is not None
    assert found.remedy == remedy


STABLE = Difference("argument", "`stable` of aten::sort", "True", "False")
GIVEN = followed(name="stable", wasteful_value="True", efficient_value="False", way=())


def tried(difference: Difference, saved: float, moved: bool) -> TriedFact:
    """A difference that makes operators cost twice as much; without it they take 1 / ``saved``."""
    twice, then = Interval(2.0, 1.9, 2.1), Interval(saved, 0.95 * saved, 1.05 * saved)
    return TriedFact(difference, Effect(then, twice, None), confirmed=moved)


def test_an_argument_of_the_operators_that_was_tried_is_confirmed() -> None:
    found = explain(facts(followed=GIVEN, tried=(tried(STABLE, 2.0, True),)))
    assert found is not None
    assert (found.kind, found.name, found.frame, found.confirmed) == (
        "argument",
        "stable",
        CALL,
        True,
    )
    assert found.evidence[-1].kind == "trial"


@pytest.mark.parametrize(
    "origin", [replace(GIVEN, name="descending"), replace(GIVEN, wasteful_value="None")]
)
def test_another_argument_is_not_confirmed_by_that(origin: Followed) -> None:
    found = explain(facts(followed=origin, tried=(tried(STABLE, 2.0, True),)))
    assert found is not None
    assert not found.confirmed


@pytest.mark.parametrize(
    "origin",
    [
        GIVEN,
        followed(way=(Passed("self.stable", "True", "False", INIT),)),  # it is called otherwise
    ],
)
def test_an_argument_that_does_nothing_at_the_operator_is_no_cause(origin: Followed) -> None:
    assert explain(facts(followed=origin, tried=(tried(STABLE, 1.02, False),))) is None
    untried = TriedFact(STABLE, None, untried="it is a trace")
    for left in (
        untried,
        tried(STABLE, 1.5, False),
        tried(replace(STABLE, kind="dtype"), 1, False),
    ):
        assert explain(facts(followed=origin, tried=(left,))) is not None
