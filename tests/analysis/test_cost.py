"""What sets of operators cost, from a step's timings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import Timing, residual_warning
from magneton_agent.schema.quantity import Quantity
from tests.analysis.steps import blocks, cost, timed


def test_a_sets_interval_is_its_blocks() -> None:
    timing = blocks(*[(0.001 * k, 1.0) for k in (7, 7, 10, 10) * 4])
    found = replace(cost(timing, (2.0, 2.0)), duration_s=(0.0085, 1.0))
    # 1.5 ms to either side of the mean, and 2.306 standard errors of sqrt(16 * 1.5² / (10 * 8)).
    energy, margin = found.energy_of((0,)), 2.306 * 0.67082e-3
    assert (energy.value, energy.low, energy.high) == pytest.approx(
        (0.017, 0.017 - 2 * margin, 0.017 + 2 * margin), rel=1e-4
    )
    duration = found.duration_of((0,))
    assert (duration.value, duration.low, duration.high) == pytest.approx(
        (0.0085, 0.0085 - margin, 0.0085 + margin), rel=1e-4
    )


def test_in_a_block_each_operator_counts_by_its_fastest_step() -> None:
    timing = Timing(((timed((3.0, 1.0)), timed((1.0, 2.0))), (timed((2.0, 2.0)),)))
    found = cost(timing, (1.0, 10.0))
    assert found.blocks_of((0, 1), (1.0, 1.0)) == [2.0, 4.0]
    assert found.blocks_of((0, 1), (1.0, 10.0)) == [11.0, 22.0]
    assert found.blocks_of((1,), (1.0, 10.0)) == [10.0, 20.0]


def test_a_large_residual_is_said() -> None:
    assert residual_warning(cost(blocks([1.0]), (5.0,), energy_j=10.0)) == (
        "50 % of the energy is residual (not explained by operators, idle and host): whole steps "
        "and timed steps met another machine; run again on a quieter one"
    )
    less = residual_warning(cost(blocks([1.0]), (15.0,), energy_j=10.0))
    assert less is not None
    assert less.startswith("50 % of the energy is residual (less than operators, idle and host)")
    assert residual_warning(cost(blocks([1.0]), (9.0,), energy_j=10.0)) is None


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (1.5, 1.1, 1.9, True),  # of 10 J: surely above a tenth
        (1.5, 0.9, 2.1, False),
        (-1.5, -1.9, -1.1, True),
        (-1.5, -2.1, -0.9, False),
        (2.6, -1.0, 6.2, True),  # above a quarter, whatever its interval
        (2.4, -1.0, 5.8, False),
    ],
)
def test_a_modelled_residual_above_a_tenth_is_said_where_it_is_sure(
    value: float, low: float, high: float, said: bool
) -> None:
    left = Quantity(value, low, high, "modelled")
    found = replace(cost(blocks([1.0]), (8.0,), energy_j=10.0), residual_j=left)
    assert (residual_warning(found) is not None) is said


def test_a_measured_residual_above_a_tenth_is_said_however_sure() -> None:
    left = Quantity(1.1, -1.0, 3.2, "apportioned")
    found = replace(cost(blocks([1.0]), (8.9,), 10.0, "measured"), residual_j=left)
    assert residual_warning(found) is not None


def test_a_very_short_step_is_its_own_reason() -> None:
    found = residual_warning(cost(blocks([0.0009]), (1.0,), energy_j=0.01))
    assert found is not None
    assert found.endswith("a step this short is mostly timing; let it do more at a time")
