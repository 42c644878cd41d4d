"""Nineteen equal runs of twenty are enough, and no finding is one too many."""

from __future__ import annotations

from benchmarks.equal import Tally, ratio

from magneton_agent.schema.quantity import Absent, Quantity


def test_nineteen_of_twenty_will_do() -> None:
    assert Tally(20, 19, 0).good
    assert not Tally(20, 18, 0).good
    assert not Tally(20, 20, 1).good


def test_a_ratio_of_what_is_not_known() -> None:
    known = Quantity(3.0, 2.0, 4.0, "modelled")
    assert ratio(known, Quantity(2.0, 1.0, 3.0, "modelled")) == "1.500"
    assert ratio(known, Absent("nobody looked")) == "-"
