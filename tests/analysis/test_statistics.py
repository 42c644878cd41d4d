"""Medians, ratios and their intervals."""

from __future__ import annotations

import math
import random

import pytest

from magneton.analysis.statistics import Interval, median_interval, ratio_interval
from magneton_agent.schema.quantity import Quantity


def test_the_median_of_sixteen_lies_between_the_4th_and_the_13th() -> None:
    # 2 * P(Binomial(16, 1/2) <= 3) = 0.021, <= 4 would be 0.077.
    samples = list(range(1, 17))
    random.Random(0).shuffle(samples)
    assert median_interval(samples) == Interval(8.5, 4, 13)


@pytest.mark.parametrize(
    ("samples", "confidence", "low", "high"),
    [
        (6, 0.95, 1, 6),  # 2 / 2**6 = 0.031
        (8, 0.95, 1, 8),  # 2 * 9 / 2**8 = 0.070
        (9, 0.95, 2, 8),  # 2 * 10 / 2**9 = 0.039
        (15, 0.95, 4, 12),  # 2 * (1 + 15 + 105 + 455) / 2**15 = 0.035
        (16, 0.999, 2, 15),  # 2 * 17 / 2**16 = 0.0005
        (16, 0.9999, 1, 16),  # 2 / 2**16 = 0.00003
    ],
)
def test_order_statistics(samples: int, confidence: float, low: int, high: int) -> None:
    found = median_interval(range(1, samples + 1), confidence)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(("samples", "confidence"), [(1, 0.95), (5, 0.95), (16, 0.99999)])
def test_too_few_samples_bound_nothing(samples: int, confidence: float) -> None:
    found = median_interval([3.0] * samples, confidence)
    assert found == Interval(3.0, -math.inf, math.inf)
    assert found.relative_half_width == math.inf


def test_a_disturbed_block_does_not_move_the_interval() -> None:
    quiet = [float(i) for i in range(1, 17)]
    assert median_interval([*quiet[:-1], 1e9]) == median_interval(quiet)


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    source = random.Random(1)
    held = 0
    for _ in range(2000):
        found = median_interval([source.expovariate(1.0) for _ in range(16)])
        held += found.low <= math.log(2) <= found.high
    assert 0.95 <= held / 2000 <= 0.99  # exactly 0.979


def test_relative_half_width() -> None:
    assert Interval(4.0, 3.0, 5.0).relative_half_width == 0.25
    assert Interval(-4.0, -5.0, -3.0).relative_half_width == 0.25
    assert Interval(0.0, 0.0, 0.0).relative_half_width == math.inf


def test_as_a_figure() -> None:
    assert Interval(2.0, 1.0, 4.0).quantity("measured") == Quantity(2.0, 1.0, 4.0, "measured")


def test_a_ratio_turned_around_is_its_inverse() -> None:
    source = random.Random(2)
    a = [source.uniform(1, 3) for _ in range(16)]
    b = [source.uniform(2, 5) for _ in range(16)]
    there, back = ratio_interval(a, b), ratio_interval(b, a)
    assert there.value == pytest.approx(1 / back.value)
    assert there.low == pytest.approx(1 / back.high)
    assert there.high == pytest.approx(1 / back.low)


def test_blocks_are_paired() -> None:
    drifting = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    found = ratio_interval([2 * each for each in drifting], drifting)
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_one_block_has_a_ratio_without_bounds() -> None:
    found = ratio_interval([3.0], [1.5])
    assert found.value == pytest.approx(2.0)
    assert (found.low, found.high) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("a", "b"), [([], []), ([1.0, 0.0], [1.0, 1.0]), ([1.0] * 6, [1.0] * 5 + [0.0])]
)
def test_blocks_that_took_nothing_have_no_ratio(a: list[float], b: list[float]) -> None:
    found = ratio_interval(a, b)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.0, math.inf)
