"""The drawing of what was tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from magneton.report import html
from magneton.report.html_front import front_chart
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Outputs
from tests import builders


def test_a_point_for_what_was_tried() -> None:
    drawn = front_chart(builders.what_if())
    names = re.findall(r"<title>([^<]*)</title>", drawn)
    assert names == [
        "as it is: 2.00 J, 100 ms",
        "tf32: 1.50 J, 50.0 ms, outputs within 0.0003",
        "bf16-autocast: 1.00 J, 50.0 ms, outputs off by 0.03",
    ]
    labels = re.findall(r"<circle [^>]*></circle><text [^>]*>([^<]*)</text>", drawn)
    assert labels == ["as it is", "tf32 (within 0.0003)", "bf16-autocast (off by 0.03)"]
    assert re.findall(r'<g class="(\w+)">', drawn) == ["behind", "on", "on"]
    # 630 x 2.0 J of 3.0 J from the left at 10, 250 x 100 ms of 100 ms up from the bottom at 270
    assert '<circle cx="430.0" cy="20.0" r="5">' in drawn
    assert '<circle cx="325.0" cy="145.0" r="5">' in drawn


def test_the_page_has_the_drawing_with_what_outputs_are_off_by(tmp_path: Path) -> None:
    page = html.render(builders.what_if(), tmp_path)
    (drawn,) = re.findall(r'<svg [^>]*class="front".*?</svg>', page, re.DOTALL)
    assert "tf32 (within 0.0003)" in drawn
    assert "bf16-autocast (off by 0.03)" in drawn


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (Outputs("outputs", True, 0.0), "tf32 (identical)"),
        (Outputs("outputs", False, None), "tf32 (differ)"),
        (Outputs("none", None, None), "tf32 (not compared)"),
    ],
)
def test_outputs_without_a_number_are_told_too(outputs: Outputs, expected: str) -> None:
    row = builders.knob_row(outputs=outputs)
    assert f">{expected}</text>" in front_chart(builders.what_if(knobs=(row,)))


def test_nothing_is_drawn_where_nothing_was_tried() -> None:
    absent = Absent("it was not tried")
    row = builders.knob_row(energy_j=absent, duration_s=absent)
    assert front_chart(builders.what_if(knobs=(row,))) == ""


def test_names_are_escaped() -> None:
    drawn = front_chart(builders.what_if(knobs=(builders.knob_row("a<b"),)))
    assert "a&lt;b" in drawn
    assert "a<b" not in drawn
