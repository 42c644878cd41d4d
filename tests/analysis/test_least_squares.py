"""Least squares with coefficients that cannot be negative."""

from __future__ import annotations

import pytest

from magneton.analysis.least_squares import non_negative


def test_an_exact_solution_is_found() -> None:
    assert non_negative([[1, 0], [0, 2], [1, 1]], [3, 8, 7]) == pytest.approx([3, 4])


def test_columns_of_very_different_size() -> None:
    rows = [[1.0, 1e12], [2.0, 1e12], [1.0, 5e12]]
    assert non_negative(rows, [2.0, 3.0, 6.0]) == pytest.approx([1.0, 1e-12])


def test_what_would_be_negative_is_zero_and_the_rest_is_best_without_it() -> None:
    # Unbounded: 3 and -1. With the second at 0, x minimises (x - 2)^2 + (x - 3)^2.
    assert non_negative([[1, 1], [1, 0]], [2, 3]) == pytest.approx([2.5, 0.0])


def test_a_column_of_zeros_has_no_part() -> None:
    assert non_negative([[1, 0], [2, 0]], [2, 4]) == pytest.approx([2.0, 0.0])
