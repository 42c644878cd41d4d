"""The rule for one call that another version of a package makes."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.diagnosis.versions import explain
from tests.analysis.diagnosis.findings import facts, side

OTHER = facts(
    side("b", "pow", text="f(x)"), side("a", "mul", text="f(x)"), versions=("kit", "1.0", "2.0")
)


def test_the_version_is_the_cause() -> None:
    found = explain(OTHER)
    assert found is not None
    assert (found.category, found.kind, found.name) == ("misconfiguration", "version", "kit")
    assert (found.wasteful_value, found.efficient_value) == ("1.0", "2.0")
    assert found.frame == OTHER.wasteful.frame
    assert found.message == "kit 1.0 costs more here than 2.0, which computes the same values"
    assert found.remedy == "run it with kit 2.0, as the other side does"


def test_equal_operators_are_not_a_packages_code() -> None:
    assert explain(replace(OTHER, efficient=side("a", "pow"))) is None


def test_equal_versions_say_nothing() -> None:
    assert explain(replace(OTHER, versions=None)) is None
