"""What was replayed, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from magneton.report import html, text
from magneton.report.replays import replays_text
from magneton_agent.schema.result import Refusal, ReplaySummary, Sides
from tests.builders import comparison, side

REPLAYS = ReplaySummary(8, 31, 0.934, ())


def test_how_many_and_how_much() -> None:
    expected = "31 operators replayed (8 different ones), 93 % of the operators' energy"
    assert replays_text(REPLAYS) == expected


def test_what_was_refused_and_why() -> None:
    refused = tuple(Refusal(f"aten::op{number}", 2, "it is odd") for number in range(5))
    assert replays_text(replace(REPLAYS, operators=0, refused=refused)) == (
        "no operator was replayed; not replayed: 2 × aten::op0 (it is odd), "
        "2 × aten::op1 (it is odd), 2 × aten::op2 (it is odd), and 2 more, in the result file"
    )


def test_reports_say_it_where_there_was_a_sensor(tmp_path: Path) -> None:
    result = replace(comparison(), sides=Sides(side(replays=REPLAYS), side()))
    assert "a: 31 operators replayed (8 different ones), 93 %" in text.render(result, tmp_path)
    assert "31 operators replayed" in html.render(result, tmp_path)
    assert "replayed" not in html.render(comparison(), tmp_path)
