"""The drawing of what was tried."""

from __future__ import annotations

import re

from magneton.report.html_front import front_chart
from magneton_agent.schema.quantity import Absent
from tests import builders


def test_a_point_for_what_was_tried() -> None:
    drawn = front_chart(builders.what_if())
    names = re.findall(r"<title>([^<]*)</title>", drawn)
    assert names == [
        "as it is: 2.00 J, 100 ms",
        "tf32: 1.50 J, 50.0 ms",
        "bf16-autocast: 1.00 J, 50.0 ms",
    ]
    assert re.findall(r'<g class="(\w+)">', drawn) == ["behind", "on", "on"]
    # 630 x 2.0 J of 2.5 J from the left at 10, 250 x 100 ms of 100 ms up from the bottom at 270
    assert '<circle cx="514.0" cy="20.0" r="5">' in drawn
    assert '<circle cx="388.0" cy="145.0" r="5">' in drawn


def test_nothing_is_drawn_where_nothing_was_tried() -> None:
    absent = Absent("it was not tried")
    row = builders.knob_row(energy_j=absent, duration_s=absent)
    assert front_chart(builders.what_if(knobs=(row,))) == ""


def test_names_are_escaped() -> None:
    drawn = front_chart(builders.what_if(knobs=(builders.knob_row("a<b"),)))
    assert "a&lt;b" in drawn
    assert "a<b" not in drawn
