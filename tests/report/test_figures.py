"""Figures as text."""

from __future__ import annotations

import pytest

from magneton.report import figures
from magneton_agent.schema.quantity import Absent, Figure, Quantity
from tests.builders import quantity


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        (quantity(2.0, 1.98, 2.02), "J", "2.00 J (1.98 to 2.02)"),
        (quantity(0.0412, 0.0405, 0.0421), "J", "41.2 mJ (40.5 to 42.1)"),
        (quantity(0.412, 0.405, 0.421), "J", "412 mJ (405 to 421)"),
        (quantity(3.2e-5, 3.1e-5, 3.3e-5), "s", "32.0 µs (31.0 to 33.0)"),
        (quantity(4.4e-9, 4.3e-9, 4.5e-9), "s", "4.40 ns (4.30 to 4.50)"),
        (quantity(1234.0, 1200.0, 1260.0), "J", "1234 J (1200 to 1260)"),
        (quantity(0.2, 0.181, 0.219), "%", "20.0 % (18.1 to 21.9)"),
        # Three digits would show an interval of no width.
        (quantity(0.412, 0.41199, 0.41202), "J", "412.00 mJ (411.99 to 412.02)"),
        # A residual may be negative, and its interval may be far wider than its value.
        (quantity(-0.012, -0.015, -0.009), "J", "-12.0 mJ (-15.0 to -9.0)"),
        (quantity(1e-6, -0.3, 0.3), "J", "0 mJ (-300 to 300)"),
        (quantity(0.0, 0.0, 0.0), "J", "0.00 J (0.00 to 0.00)"),
        (quantity(1.0, 0.0, float("inf")), "J", "1.00 J (0.00 to inf)"),
        (Absent("no sensor"), "J", "absent"),
    ],
)
def test_interval(figure: Figure, unit: figures.Unit, text: str) -> None:
    assert figures.interval(figure, unit) == text


def test_value_leaves_the_interval_out() -> None:
    assert figures.value(quantity(0.412, 0.405, 0.421), "J") == "412 mJ"
    assert figures.value(Absent("no sensor"), "J") == "absent"


def test_sourced_says_where_the_figure_comes_from() -> None:
    assert figures.sourced(quantity(2.0), "J") == "2.00 J (1.98 to 2.02), modelled"
    assert figures.sourced(Absent("no sensor"), "J") == "absent, because no sensor"


def test_total_adds_values_and_bounds() -> None:
    parts = [Quantity(1.0, 0.5, 1.5, "modelled"), Quantity(2.0, 1.75, 2.5, "modelled")]
    assert figures.total(parts) == Quantity(3.0, 2.25, 4.0, "modelled")


def test_total_of_several_sources_is_apportioned() -> None:
    parts = [Quantity(1.0, 0.5, 1.5, "modelled"), Quantity(2.0, 1.75, 2.5, "measured")]
    assert figures.total(parts) == Quantity(3.0, 2.25, 4.0, "apportioned")


def test_total_with_an_absent_part_is_absent() -> None:
    assert figures.total([quantity(1.0), Absent("no sensor")]) == Absent("no sensor")
    assert figures.total([]) == Absent("there is nothing to add up")
