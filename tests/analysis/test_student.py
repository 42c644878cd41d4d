"""Quantiles of Student's t, against a printed table."""

from __future__ import annotations

import math

import pytest

from magneton.analysis.student import quantile


@pytest.mark.parametrize(
    ("confidence", "freedom", "expected"),
    [
        (0.95, 1, 12.7062),
        (0.95, 2, 4.30265),
        (0.95, 9, 2.26216),
        (0.95, 100, 1.98397),
        (0.80, 15, 1.340606),
        (0.99, 5, 4.03214),
        (0.999, 4, 8.61030),
        (0.999, 1000, 3.30028),
    ],
)
def test_as_in_the_table(confidence: float, freedom: int, expected: float) -> None:
    assert quantile(confidence, freedom) == pytest.approx(expected, rel=3e-6)


def test_one_degree_of_freedom_is_cauchys() -> None:
    # The quantile of Cauchy's distribution is a tangent.
    assert quantile(1 - 1e-9, 1) == pytest.approx(math.tan(math.pi / 2 * (1 - 1e-9)), rel=1e-6)


def test_certainty_has_no_bound() -> None:
    assert quantile(1.0, 5) == math.inf
