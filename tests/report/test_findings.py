"""What every report says about a finding."""

from __future__ import annotations

from dataclasses import replace

from magneton.report import findings
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Fix, RegionSide
from tests import builders


def test_a_fix_says_what_it_saved_when_it_was_tried() -> None:
    tried = Fix("pass y=2", (), True, builders.quantity(0.4))
    assert findings.fix_text(tried) == ("pass y=2: saves 400 mJ (396 to 404), modelled, when tried")
    untried = Fix("pass y=2", (), False, builders.quantity(0.4))
    assert findings.fix_text(untried) == (
        "pass y=2: saves 400 mJ (396 to 404), modelled; it was not tried"
    )


def test_the_deciding_line_is_shown_first_where_it_is_in_the_workspace() -> None:
    deciding = builders.location("settings.py", 7)
    finding = builders.finding(cause=builders.cause(location=deciding))
    assert findings.primary_location(finding) == deciding


def test_a_deciding_line_in_a_library_is_not_shown_first() -> None:
    library = builders.location("/opt/lib/activations.py", 61)
    finding = builders.finding(cause=builders.cause(location=library))
    assert findings.primary_location(finding) == finding.location
    assert findings.primary_location(builders.finding(cause=None)) == finding.location


def test_energy_is_that_of_the_findings_regions() -> None:
    part = RegionSide((), Quantity(0.25, 0.2, 0.3, "modelled"), builders.quantity(1), None)
    regions = tuple(builders.region(id=name, a=part) for name in ("r1", "r2", "r3"))
    comparison = builders.comparison(regions=regions)
    finding = builders.finding(regions=("r1", "r3"), count=2)
    assert findings.energy_j(comparison, finding, "a") == Quantity(0.5, 0.4, 0.6, "modelled")


def test_a_warning_of_both_sides_is_said_once() -> None:
    shared, alone = "3 of 148 parameters agree", "the clock is not fixed"
    a = builders.side(conditions=builders.conditions(warnings=(shared,)))
    b = builders.side(conditions=builders.conditions(warnings=(alone, shared)))
    assert findings.warnings({"a": a, "b": b}) == (shared, f"side b: {alone}")


def test_places_count_columns_from_one() -> None:
    assert findings.place(builders.location("m/a.py", 3, 4)) == "m/a.py:3:5"


def test_evidence_ends_with_its_place() -> None:
    def text(path: str, revision: str | None = None) -> str:
        place = builders.location(path, 61, 4)
        place = replace(place, revision=revision)
        return findings.evidence_text(Evidence("operators", "side a runs aten::mul", place))

    assert text("m/a.py") == "side a runs aten::mul (m/a.py:61)"
    assert text("m/a.py", "0123456789abcdef") == "side a runs aten::mul (m/a.py@0123456789ab:61)"
    library = "/env/lib/python3.11/site-packages/kit/activations.py"
    assert text(library) == "side a runs aten::mul (kit/activations.py:61)"
    assert text("/opt/kit.py") == "side a runs aten::mul (/opt/kit.py:61)"


def test_evidence_without_a_place_is_its_text() -> None:
    assert findings.evidence_text(Evidence("energy", "twice", None)) == "twice"
