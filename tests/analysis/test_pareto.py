"""Choices that nothing beats."""

from __future__ import annotations

import pytest

from magneton.analysis.pareto import Point, front


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(1.0, 1.0)], [True]),
        ([(1.0, 1.0), (0.5, 1.0)], [False, True]),  # better in one, as good in the other
        ([(1.0, 0.5), (0.5, 1.0)], [True, True]),  # each better in something
        ([(1.0, 1.0), (1.0, 1.0)], [True, False]),  # of equal ones the first
        ([(1.0, 1.0, 0.0), (0.5, 0.5, 0.1), (0.6, 0.6, 0.1)], [True, True, False]),
        ([], []),
    ],
)
def test_front(points: list[Point], expected: list[bool]) -> None:
    assert front(points) == expected
