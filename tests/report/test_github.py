"""GitHub's workflow commands: one line each, escaped, on lines of the checked-out tree only."""

from __future__ import annotations

from dataclasses import replace

from magneton.report import github
from magneton_agent.schema.result import Finding
from tests import builders


def _lines(finding: Finding) -> list[str]:
    return github.render(builders.comparison(findings=(finding,))).splitlines()


def test_an_annotation_and_the_verdict() -> None:
    assert _lines(builders.finding()) == [
        "::warning file=a.py,line=1,endLine=1,col=9,endColumn=24,title=Magneton%3A performance::"
        "the activation is written out in small operators%0A"
        "saves 400 mJ (396 to 404), modelled: 20.0 %25 (19.8 to 20.2) of side a's step%0A"
        "Remedy: pass activation='fused'",
        "::notice title=Magneton::performance; energy a step: a.py:build 2.00 J (1.98 to 2.02), "
        "modelled; b.py:build 1.50 J (1.49 to 1.51), modelled",
    ]


def test_a_text_cannot_give_commands_of_its_own() -> None:
    cause = builders.cause(location=builders.location("a,b:c.py", 1))
    finding = builders.finding(cause=cause, message="100 %\n::error::gone", remedy=None)
    first, *rest = _lines(finding)
    assert first.startswith("::warning file=a%2Cb%3Ac.py,line=1,")
    assert "::100 %25 ::error::gone%0Asaves" in first
    assert len(rest) == 1


def test_a_range_over_lines_has_no_columns() -> None:
    cause = builders.cause(location=builders.location("a.py", 1, 8, end_line=3, end_column=2))
    assert _lines(builders.finding(cause=cause))[0].startswith(
        "::warning file=a.py,line=1,endLine=3,title="
    )


def test_a_library_or_another_revision_is_told_in_words() -> None:
    library = builders.finding(cause=None, location=builders.location("/opt/lib/x.py", 7, 2))
    assert _lines(library)[0].startswith("::warning title=Magneton%3A performance::")
    assert _lines(library)[0].endswith("%0AAt /opt/lib/x.py:7:3")
    old = replace(builders.location("a.py", 3, 4), revision="main")
    assert _lines(builders.finding(cause=None, location=old))[0].endswith("%0AAt a.py@main:3:5")


def test_a_trade_off_and_a_measurement_are_notices() -> None:
    assert _lines(builders.finding(class_="trade-off"))[0].startswith("::notice file=a.py,")
    measured = github.render(builders.measurement()).splitlines()
    assert measured == [
        "::notice title=Magneton::energy a step: a.py:build 2.00 J (1.98 to 2.02), modelled"
    ]
