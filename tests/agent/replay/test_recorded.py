"""The estimate of one call, from recorded sessions of a board that runs one operator for 7 s.

What the estimator sees is what it would have seen of a window opened at that moment: every prefix
of the readings, until the estimate is good enough or 2 s are over.
"""

from __future__ import annotations

import math

import pytest

from magneton_agent.meters.meter import Reading
from magneton_agent.meters.ticks import Period, mean_power, ticks_in
from magneton_agent.replay.estimate import Estimate, Estimator
from magneton_agent.schema.meters import Domain, DomainPower

from ..meters.sessions import readings, stretches

BOARD = Domain("GPU-1", "board")
PERIOD = Period(0.0999, 0.1001)
WANDERING = 0.025  # what the engine adds to the estimate's own error
LONGEST_S = 2.0


def estimate(session: str, start_s: float, end_s: float) -> Estimate | None:
    """Of calls of 1 s, so that its energy in J is the power in W."""
    estimator, found = Estimator((BOARD,), 0.1, lambda since_s: 1.0), None
    seen = readings(session, start_s, min(start_s + LONGEST_S, end_s))
    for number, last in enumerate(seen[2:], start=3):
        power = mean_power(ticks_in(seen[:number]), PERIOD, start_s)
        reading = None
        if power is not None:
            powers = (DomainPower(BOARD, power.power_w, power.error),)
            reading = Reading(powers, power.duration_s)
        found = estimator.see(reading, last.end_s) or found
        if found is not None and found.steady:
            break
    return found


@pytest.mark.parametrize(
    ("session", "fewest"),
    [("steady_linear", 31), ("steady_gelu", 28), ("steady_layer_norm", 34)],
)
def test_how_often_the_loads_own_power_is_within_the_interval(session: str, fewest: int) -> None:
    """Of 34 windows, from the load's beginning on: 93 of 102 in all, short of 95 %. At its power
    limit (linear, GELU) a board draws up to 11 % more until it holds its clocks down, and wanders
    afterwards: what misses are windows that lie wholly in such a time."""
    load = stretches(session)[1]
    whole = mean_power(ticks_in(readings(session, load.start_s + 1.0, load.end_s)), PERIOD)
    assert whole is not None
    within = 0
    for number in range(34):
        found = estimate(session, load.start_s + 0.02 + 0.15 * number, load.end_s)
        assert found is not None
        doubt_w = math.hypot(found.error, WANDERING) * found.energy_j
        within += abs(found.energy_j - whole.power_w) <= doubt_w
    assert within >= fewest
