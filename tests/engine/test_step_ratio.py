"""Whole steps of two sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import Modelled, SideCost
from magneton.engine.series import Series
from magneton.engine.step_ratio import step_ratio
from magneton_agent.schema.messages import Sample
from tests.analysis.steps import blocks, cost
from tests.engine.fake_runners import FakeRunner


def metered(energy_j: float, between_j: float) -> Series:
    sample = Sample(1, 0.1, 0.1, energy_j, gaps_s=0.1, between_j=between_j)
    return Series(FakeRunner({}).load(meter="rapl"), "", [sample] * 8)


def sampled(duration_s: float, cpu_s: float) -> Series:
    return Series(FakeRunner({}), "", [Sample(1, duration_s, cpu_s, None)] * 8)


def drifting(side: int, missing: set[int]) -> Series:
    """Sixteen windows in turn with the other side's, A B, B A, …, of 1 J and 0.1 % more from each
    to the next; those in ``missing`` have no energy."""
    slots = [2 * number + (number + side) % 2 for number in range(16)]
    samples = [
        Sample(1, 0.1, 0.1, None if number in missing else 1.001**slot)
        for number, slot in enumerate(slots)
    ]
    return Series(FakeRunner({}).load(meter="nvml"), "", samples)


def on_a_gpu(energy_j: float, step_s: float) -> SideCost:
    """A step whose energy is its device's, by coefficients that are a quarter wrong at most."""
    found = cost(blocks(*[(step_s,)] * 8), (energy_j / step_s,), energy_j=energy_j)
    return replace(found, modelled=Modelled("fitted here", 0.25))


def test_where_coefficients_tell_the_energy_the_time_of_the_cpu_does_not() -> None:
    series = (sampled(0.1, cpu_s=0.1), sampled(0.1, cpu_s=0.1))  # the CPU does the same
    found = step_ratio(series, (on_a_gpu(40.0, 0.1), on_a_gpu(10.0, 0.1)), 0.05)
    doubt = 1 + 0.25 * 2**0.5
    assert (found.value, found.low, found.high) == pytest.approx((4.0, 4.0 / doubt, 4.0 * doubt))


def test_without_coefficients_it_does() -> None:
    series = (sampled(0.1, cpu_s=0.2), sampled(0.1, cpu_s=0.1))
    same = cost(blocks(*[(0.1,)] * 8), (1.0,))
    assert step_ratio(series, (same, same), 0.05).low > 1.0


def test_what_may_have_been_drawn_between_steps_widens_the_ratio() -> None:
    same = cost(blocks(*[(0.1,)] * 8), (1.0,))
    found = step_ratio((metered(8.0, 2.0), metered(4.0, 0.4)), (same, same), 0.05)
    # Side a takes 6 to 8 J, side b 3.6 to 4 J.
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 6.0 / 4.0, 8.0 / 3.6))


@pytest.mark.parametrize("missing", [set(), {5}, {0}, {3, 4}, {2, 9}])
def test_a_window_without_energy_leaves_the_others_their_own_pairs(missing: set[int]) -> None:
    """What drifts by 0.1 % from window to window is equal on both sides, whichever is missing."""
    same = cost(blocks(*[(0.1,)] * 8), (1.0,))
    found = step_ratio((drifting(0, set()), drifting(1, missing)), (same, same), 0.05)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0), abs=1e-9)
    turned = step_ratio((drifting(1, missing), drifting(0, {12})), (same, same), 0.05)
    # An odd number of pairs has one order more than the other: half of a drift of 0.1 % at most.
    assert turned.value == pytest.approx(1.0, abs=2e-4)
    assert turned.low <= 1.0 <= turned.high
