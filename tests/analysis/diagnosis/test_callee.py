"""The rule for an expression that calls something else."""

from __future__ import annotations

from magneton.analysis.diagnosis.callee import explain
from tests.analysis.diagnosis.findings import CALL, INIT, callee, facts, side


def test_what_chose_the_callee_is_the_cause() -> None:
    found = explain(facts(callee=callee()))
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "argument", "act")
    assert (found.wasteful_value, found.efficient_value) == ("'slow'", "'fast'")
    assert found.frame == CALL
    assert found.message == (
        "`act`, left at its default, is 'slow'; 'fast' computes the same for less"
    )
    assert found.remedy == "pass act='fast' to Config"
    assert [each.text for each in found.evidence] == [
        "both sides run Block.forward; its `self.act` is Slow on side a and Fast on side b",
        "`self.act` is set in Block.__init__ from `ACTS[config.act]`",
        "Config was built with act='slow' on side a, 'fast' on side b",
    ]


def test_the_wasteful_side_is_named_whichever_it_is() -> None:
    found = explain(facts(side("b"), side("a"), callee=callee()))
    assert found is not None
    assert found.evidence[0].text.endswith("is Slow on side b and Fast on side a")
    assert found.evidence[2].text.endswith("act='slow' on side b, 'fast' on side a")


def test_without_an_origin_the_callee_itself_is_the_cause() -> None:
    found = explain(facts(callee=callee(origin=None)))
    assert found is not None
    assert (found.kind, found.name, found.frame) == ("call", "self.act", INIT)
    assert found.message == "`self.act` is Slow; Fast computes the same for less"
    assert len(found.evidence) == 2


def test_a_callee_whose_setting_is_unknown() -> None:
    found = explain(facts(callee=callee(origin=None, set_in=None, set_from=None)))
    assert found is not None
    assert found.frame is None
    assert len(found.evidence) == 1


def test_no_callee_differs() -> None:
    assert explain(facts()) is None
