"""On a simulated energy counter the interval holds the truth as often as it says.

Some of the benchmark's curves are left out. Steps of 98 ms are like those of 100 ms. Where power
wanders within seconds the interval is wider than it says: windows sample much of the run, which
the interval takes for a few windows out of many (docs/benchmarks.md has both). Of the counter that
averages over a second there is the curve that it is worst at.
"""

from __future__ import annotations

import random

import pytest
from benchmarks.intervals import AVERAGED_S, LAG_S, SAMPLED_S, calibrated, held

CURVES = (
    "constant",
    "periodic, 37 ms",
    "two levels in a step of 100 ms",
    "step of 430 ms that starts with host work",
    "ramp, 400 to 600 W",
    "warming up by 3 %",
)


TRIALS = 400


@pytest.mark.parametrize("curve", CURVES)
def test_the_interval_of_a_steps_energy(curve: str) -> None:
    share, bias, width = held(curve, TRIALS)
    assert 0.93 <= share <= 0.97
    assert abs(bias) < 0.01 + 2 * width / TRIALS**0.5  # what so many trials can tell


def test_by_a_counter_that_averages_over_a_second() -> None:
    """With windows that do not wait until what ran before has left the counter, none held the
    truth."""
    curve = "step of 430 ms that starts with host work"
    share, bias, _ = held(curve, TRIALS, sampled_s=AVERAGED_S)
    assert 0.93 <= share <= 0.97
    assert abs(bias) < 0.001


def test_the_calibration_tells_both_counters() -> None:
    prompt = calibrated(random.Random(1), SAMPLED_S).response
    averaging = calibrated(random.Random(1), AVERAGED_S).response
    assert prompt is not None
    assert averaging is not None
    assert prompt.settling_s == pytest.approx(LAG_S + SAMPLED_S / 2, abs=0.045)
    assert averaging.lag_s == pytest.approx(LAG_S + AVERAGED_S / 2, abs=0.1)
    assert averaging.settling_s == pytest.approx(LAG_S + AVERAGED_S, abs=0.1)


def test_a_counter_that_averages_for_longer_than_the_load_is_not_told() -> None:
    assert calibrated(random.Random(1), 4.0).response is None
