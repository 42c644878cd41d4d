"""Typical values, means, ratios and their intervals."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from magneton.analysis.statistics import (
    Interval,
    far_outside,
    mean_interval,
    part_of,
    ratio_interval,
    share_of,
    typical_interval,
)
from magneton_agent.schema.quantity import Quantity


def test_the_mean_of_five() -> None:
    # The same backwards: no drift. Differences of neighbours 2, -1, 1, -2: 10 in squares, half of
    # it over 3 for a variance, over 5 for the mean's. 2 * 4² // 11 = 2 degrees of freedom;
    # t(0.975, 2) = 4.303.
    found = mean_interval([1.0, 3.0, 2.0, 3.0, 1.0])
    margin = 4.302653 * math.sqrt(10 / 2 / 3 / 5)
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 2 - margin, 2 + margin))


def test_the_typical_value_of_ten() -> None:
    # The same backwards: no drift. Two cut at either end leave -3, -3, 0, 0, 3, 3 and their mean;
    # put back as -3 and 3 they make 8 * 9 = 72 in squares, over 6 samples and 4 degrees of freedom;
    # t(0.975, 4) = 2.776.
    found = typical_interval([-900, 1000, -3, 3, 0, 0, 3, -3, 1000, -900])
    margin = 2.776445 * math.sqrt(72 / (6 * 4))
    assert (found.value, found.low, found.high) == pytest.approx((0.0, -margin, margin))


def test_a_higher_confidence_is_wider() -> None:
    samples = [float(i) for i in (*range(8), *range(7, -1, -1))]
    by_confidence = [typical_interval(samples, each) for each in (0.9, 0.95, 0.9999)]
    widths = [each.high - each.low for each in by_confidence]
    assert widths == sorted(widths)
    assert widths[2] > 2 * widths[1]
    assert typical_interval(samples, 1.0).high == math.inf


@pytest.mark.parametrize("interval", [typical_interval, mean_interval])
def test_a_steady_drift_is_no_doubt(interval: Callable[[list[float]], Interval]) -> None:
    found = interval([float(i) for i in range(1, 17)])
    assert (found.value, found.low, found.high) == pytest.approx((8.5, 8.5, 8.5))


@pytest.mark.parametrize("interval", [typical_interval, mean_interval])
@pytest.mark.parametrize("samples", [1, 3])
def test_too_few_samples_bound_nothing(
    interval: Callable[[list[float]], Interval], samples: int
) -> None:
    found = interval([3.0] * samples)
    assert found == Interval(3.0, -math.inf, math.inf)
    assert found.relative_half_width == math.inf


def test_a_disturbed_block_counts_by_its_rank() -> None:
    quiet = [4.0, 1.0, 3.0, 2.0, 4.0, 1.0, 3.0, 2.0, 2.5]
    twice, hundredfold = ([*quiet, size] for size in (8.0, 400.0))
    assert typical_interval(twice) == typical_interval(hundredfold)


def test_in_a_mean_every_sample_counts_in_full() -> None:
    flat = [1.0] * 9
    assert mean_interval([*flat, 11.0]).value == pytest.approx(2.0)
    assert mean_interval([*flat, 11.0]).high > 3.9


def _heavy_tailed(source: random.Random) -> float:
    """From Student's t with three degrees of freedom."""
    scale = math.sqrt(sum(source.gauss(0, 1) ** 2 for _ in range(3)) / 3)
    return source.gauss(0, 1) / scale


def _disturbed(source: random.Random) -> float:
    """One in ten is far off."""
    return source.gauss(0, 6 if source.random() < 0.1 else 1)


@pytest.mark.parametrize("samples", [6, 16])
@pytest.mark.parametrize(
    "draw", [lambda source: source.gauss(0, 1), _heavy_tailed, _disturbed, lambda s: s.random()]
)
@pytest.mark.parametrize("interval", [typical_interval, mean_interval])
def test_an_interval_holds_the_truth_as_often_as_it_says(
    interval: Callable[[list[float]], Interval],
    draw: Callable[[random.Random], float],
    samples: int,
) -> None:
    source = random.Random(4)
    truth = 0.5 if draw(random.Random(0)) == random.Random(0).random() else 0.0
    held = 0
    for _ in range(1000):
        found = interval([0.1 * i + draw(source) for i in range(samples)])
        held += found.low <= truth + 0.05 * (samples - 1) <= found.high
    assert 0.93 <= held / 1000 <= 0.975


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


def abba(rounds: int, factor: float, growth: float) -> tuple[list[float], list[float]]:
    """Blocks of a program and of one ``factor`` cheaper, while both grow from block to block."""
    a: list[float] = []
    b: list[float] = []
    for number in range(rounds):
        first, second = (2 * number, 2 * number + 1)
        when_a, when_b = (first, second) if number % 2 == 0 else (second, first)
        a.append(factor * growth**when_a)
        b.append(growth**when_b)
    return a, b


@pytest.mark.parametrize("growth", [1.0, 1.1, 0.9, 2.0])
def test_a_drift_is_not_in_a_ratio(growth: float) -> None:
    found = ratio_interval(*abba(8, 1.25, growth))
    assert (found.value, found.low, found.high) == pytest.approx((1.25, 1.25, 1.25))


def test_the_ratio_holds_the_truth_on_a_machine_with_moods() -> None:
    # Moods that last for some blocks, heavy tails, and a drift of 1 % from block to block.
    source = random.Random(3)
    held, logs = 0, 0.0
    for _ in range(1000):
        mood = 0.0
        taken: dict[str, list[float]] = {"a": [], "b": []}
        for number, side in enumerate("abba" * 8):
            mood = 0.6 * mood + source.gauss(0, 0.03)
            noise = mood + 0.01 * _heavy_tailed(source)
            taken[side].append(math.exp(0.01 * number + noise))
        found = ratio_interval(taken["a"], taken["b"])
        held += found.low <= 1 <= found.high
        logs += math.log(found.value)
    assert 0.92 <= held / 1000 <= 0.97
    assert abs(logs / 1000) < 0.002


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


@pytest.mark.parametrize(
    ("samples", "outside"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0], ()),
        ([1.0, 2.0, 3.0, 4.0, 11.0], (11.0,)),  # quartiles 2 and 4: beyond 4 + 3 * 2
        ([1.0, 2.0, 3.0, 4.0, 10.0], ()),
        ([-5.0, 2.0, 3.0, 4.0, 5.0], (-5.0,)),
        ([1.0] * 8 + [1.5], (1.5,)),
        ([1.0, 9.0, 1.0], ()),
    ],
)
def test_what_lies_far_outside_is_told(samples: list[float], outside: tuple[float, ...]) -> None:
    assert far_outside(samples) == outside


def test_what_nothing_bounds_lies_between_nothing_and_twice() -> None:
    assert Interval(3.0, -math.inf, math.inf).bounded() == Interval(3.0, 0.0, 6.0)
    assert Interval(3.0, 2.0, 5.0).bounded() == Interval(3.0, 2.0, 5.0)


def test_a_share_carries_both_doubts() -> None:
    part, whole = Quantity(2.0, 1.0, 4.0, "modelled"), Quantity(10.0, 5.0, 20.0, "measured")
    # Each may be wrong by a factor of 2: together by 2 ** sqrt(2).
    factor = 2**2**0.5
    found = share_of(part, whole)
    assert (found.low, found.high) == pytest.approx((0.2 / factor, 0.2 * factor))
    assert (found.value, found.source) == (0.2, "modelled")


def test_a_share_of_what_is_sure_has_the_parts_doubt() -> None:
    part, sure = Quantity(2.0, 1.0, 4.0, "modelled"), Quantity(10.0, 10.0, 10.0, "modelled")
    found = share_of(part, sure)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.1, 0.4))
    assert share_of(sure, sure) == Quantity(1.0, 1.0, 1.0, "modelled")


def test_a_share_of_what_may_be_nothing_lies_below_twice() -> None:
    part = Quantity(2.0, -1.0, 3.0, "modelled")
    assert share_of(part, Quantity(10.0, 0.0, 20.0, "modelled")) == Quantity(
        0.2, 0.0, 0.4, "modelled"
    )
    none = Quantity(0.0, 0.0, 0.0, "modelled")
    assert share_of(none, Quantity(10.0, 9.0, 11.0, "modelled")) == none


def test_a_part_carries_both_doubts() -> None:
    whole = Quantity(10.0, 6.0, 13.0, "measured")
    # 0.3 of 10 below and 0.5 of 4; 0.8 of 10 above and 0.5 of 3.
    found = part_of(Interval(0.5, 0.2, 1.3), whole)
    assert found == Interval(5.0, 5.0 - math.hypot(3.0, 2.0), 5.0 + math.hypot(8.0, 1.5))
    costlier = part_of(Interval(-0.5, -0.5, -0.5), whole)
    assert costlier == Interval(-5.0, -6.5, -3.0)
    sure = Quantity(10.0, 10.0, 10.0, "measured")
    assert part_of(Interval(0.5, 0.25, 0.75), sure) == Interval(5.0, 2.5, 7.5)
