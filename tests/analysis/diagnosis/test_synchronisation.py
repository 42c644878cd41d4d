"""The rule for a host that waits for its device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.diagnosis.facts import WaitFact
from magneton.analysis.diagnosis.synchronisation import explain
from tests.analysis.diagnosis.findings import CALL, facts

WAITS = WaitFact(("aten::_local_scalar_dense",), 12, 0, 0.8, CALL, "loss.item()")


def test_waiting_that_only_one_side_does() -> None:
    found = explain(facts(waits=WAITS))
    assert found is not None
    assert (found.kind, found.category, found.name) == (
        "synchronisation",
        "api-misuse",
        "loss.item()",
    )
    assert (found.wasteful_value, found.efficient_value) == ("12 times", "never")
    assert found.frame == CALL
    assert not found.confirmed
    assert found.evidence[0].text == (
        "side a waits for the device 12 times a step here (aten::_local_scalar_dense), side b "
        "never; that is 80 % of the difference"
    )


def test_an_operator_without_a_line_is_named_itself() -> None:
    found = explain(facts(waits=replace(WAITS, text=None, frame=None, times=2, other_times=1)))
    assert found is not None
    assert found.name == "aten::_local_scalar_dense"
    assert (found.wasteful_value, found.efficient_value) == ("twice", "once")


@pytest.mark.parametrize(
    "waits",
    [
        None,
        replace(WAITS, other_times=12),  # both do
        replace(WAITS, share=0.4),  # something else is most of it
    ],
)
def test_what_is_no_cause(waits: WaitFact | None) -> None:
    assert explain(facts(waits=waits)) is None
