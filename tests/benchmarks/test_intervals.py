"""On a simulated energy counter the interval holds the truth as often as it says."""

from __future__ import annotations

import pytest
from benchmarks.intervals import held

CURVES = (
    "constant",
    "periodic, 37 ms",
    "two levels in a step of 100 ms",
    "step of 430 ms that starts with host work",
    "ramp, 400 to 600 W",
    "warming up by 3 %",
)


@pytest.mark.parametrize("curve", CURVES)
def test_the_interval_of_a_steps_energy(curve: str) -> None:
    trials = 1000
    share, bias, width = held(curve, trials)
    assert 0.93 <= share <= 0.97
    assert abs(bias) < 0.01 + 2 * width / trials**0.5  # what so many trials can tell
