"""What knobs are found to be worth."""

from __future__ import annotations

import math

import pytest

from magneton.analysis.knobs import class_of, point, saved
from magneton.analysis.statistics import Interval
from magneton_agent.schema.result import Outputs

SAME = Outputs("outputs", True, 1e-6)
OTHER = Outputs("outputs", False, 0.2)
UNKNOWN = Outputs("none", None, None)


@pytest.mark.parametrize(
    ("energy", "time", "outputs", "expected"),
    [
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), SAME, "saving"),
        ((2.0, 1.9, 2.1), (1.0, 0.9, 1.1), SAME, "saving"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), OTHER, "trade-off"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), UNKNOWN, "trade-off"),
        ((2.0, 1.9, 2.1), (2.0, 1.9, 2.1), None, "saving"),  # of another amount of work
        ((2.0, 1.9, 2.1), (0.8, 0.7, 0.9), SAME, "trade-off"),
        ((2.0, 0.9, 4.0), (2.0, 1.9, 2.1), SAME, "none"),  # it may save nothing
        ((1.005, 1.001, 1.009), (1.0, 0.9, 1.1), SAME, "none"),  # less than a hundredth
        ((0.8, 0.7, 0.9), (2.0, 1.9, 2.1), SAME, "costlier"),
    ],
)
def test_what_a_knob_is_worth(
    energy: tuple[float, float, float],
    time: tuple[float, float, float],
    outputs: Outputs | None,
    expected: str,
) -> None:
    assert class_of(Interval(*energy), Interval(*time), outputs, 0.01) == expected


def test_the_share_that_is_saved() -> None:
    assert saved(Interval(2.0, 1.0, 4.0)) == Interval(0.5, 0.0, 0.75)
    assert saved(Interval(0.5, 0.25, 1.0)) == Interval(-1.0, -3.0, 0.0)
    assert saved(Interval(0.5, 0.0, 1.0)) == Interval(-1.0, -3.0, 0.0)
    assert saved(Interval(2.0, 0.0, math.inf)) == Interval(0.5, -1.0, 1.0)


def test_what_is_within_the_noise_is_no_difference() -> None:
    sure, unsure = Interval(2.0, 1.9, 2.1), Interval(1.2, 0.9, 1.6)
    assert point(sure, unsure, SAME) == (0.5, 1.0, 1e-6)
    assert point(unsure, sure, Outputs("outputs", False, None)) == (1.0, 0.5, math.inf)
    assert point(sure, sure, UNKNOWN) == (0.5, 0.5, math.inf)
    assert point(sure, sure, None) == (0.5, 0.5, 0.0)
    assert point(sure, sure, Outputs("outputs", True, None)) == (0.5, 0.5, 0.0)
