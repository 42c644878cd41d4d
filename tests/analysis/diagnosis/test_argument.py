"""The rule for a function entered with another argument."""

from __future__ import annotations

import pytest

from magneton.analysis.diagnosis.argument import explain
from magneton.analysis.diagnosis.facts import Note
from tests.analysis.diagnosis.findings import CALL, FORWARD, argument, facts, side


def test_one_argument_differs() -> None:
    found = explain(facts(arguments=(argument(),)))
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "argument", "keep")
    assert (found.wasteful_value, found.efficient_value) == ("0", "1")
    assert found.frame == CALL
    assert found.message == "`keep` is 0; with 1 the outputs are the same for less"
    assert found.remedy == "pass keep=1"
    assert found.evidence == (
        Note("argument", "Block.forward is entered with keep=0 on side a, 1 on side b", FORWARD),
    )


def test_the_wasteful_side_is_named_whichever_it_is() -> None:
    found = explain(facts(side("b"), side("a"), arguments=(argument(),)))
    assert found is not None
    assert found.evidence[0].text.endswith("keep=0 on side b, 1 on side a")


@pytest.mark.parametrize(("given", "left"), [(False, ", left at its default,"), (None, "")])
def test_a_default_is_called_one_only_where_that_is_known(given: bool | None, left: str) -> None:
    found = explain(facts(arguments=(argument(given=given),)))
    assert found is not None
    assert found.message.startswith(f"`keep`{left} is 0;")


def test_the_nearest_wins_and_the_others_are_told() -> None:
    found = explain(facts(arguments=(argument("far", 2), argument("near", 1))))
    assert found is not None
    assert found.name == "near"
    assert found.rejected == (("far", "differs too, but is 2 assignments away from the call"),)


def test_two_equally_near_cannot_be_told_apart() -> None:
    near = (argument("one", 1), argument("other", 1), argument("far", 2))
    assert explain(facts(arguments=near)) is None


def test_none_differs() -> None:
    assert explain(facts()) is None
