"""What a counter that moves in steps says: when it moved, how regularly, how much it counted.

A reading is a call that takes milliseconds, and a step of the counter is seen by the first call
after it. So a tick is known to lie between the beginning of the last call that still gave the old
value and the end of the one that gave the new. Many ticks together tell the period much better:
no other period would put a tick into every such interval.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

_FEWEST_FOR_PERIOD, _FEWEST_FOR_ERROR = 5, 4
_SHOWS = 1.2
_BLOCK, _SETTLED, _SETTLED_BLOCK = 5, 0.10, 0.03  # ticks; of the rise, by two ticks or two blocks
_FULLY = 0.95  # of the rise


@dataclass(frozen=True)
class CounterReading:
    """One call from ``start_s`` to ``end_s``: the counter, and the instant power if there is
    such a sensor."""

    start_s: float
    end_s: float
    energy_mj: int
    instant_mw: int | None


@dataclass(frozen=True)
class Tick:
    """The counter moved to ``energy_j`` between ``low_s`` and ``high_s``."""

    low_s: float
    high_s: float
    energy_j: float

    @property
    def middle_s(self) -> float:
        return (self.low_s + self.high_s) / 2


@dataclass(frozen=True)
class Period:
    """The counter's period lies between the two, s."""

    low_s: float
    high_s: float

    @property
    def value_s(self) -> float:
        return (self.low_s + self.high_s) / 2

    def and_also(self, other: Period | None) -> Period:
        """What both allow; where that is nothing the counter has changed, and the other counts."""
        if other is None:
            return self
        low_s, high_s = max(self.low_s, other.low_s), min(self.high_s, other.high_s)
        return Period(low_s, high_s) if low_s <= high_s else other


@dataclass(frozen=True)
class Power:
    """Mean power in W and its relative standard error, over ``duration_s``."""

    power_w: float
    error: float | None
    duration_s: float


def ticks_in(readings: Sequence[CounterReading]) -> list[Tick]:
    """Every move of the counter that ``readings`` show."""
    return [
        Tick(before.start_s, after.end_s, after.energy_mj / 1000)
        for before, after in pairwise(readings)
        if after.energy_mj != before.energy_mj
    ]


def period_of(ticks: Sequence[Tick]) -> Period | None:
    """The periods at which every tick can have happened in its interval; None where ticks are too
    few or do not come regularly."""
    if len(ticks) < _FEWEST_FOR_PERIOD:
        return None
    numbers = _numbers(ticks, _typical_gap_s(ticks))  # each above the one before
    known = [(number, each.low_s, each.high_s) for number, each in zip(numbers, ticks, strict=True)]
    pairs = list(combinations(known, 2))
    low_s = max([(b_low_s - a_high_s) / (m - n) for (n, _, a_high_s), (m, b_low_s, _) in pairs])
    high_s = min([(b_high_s - a_low_s) / (m - n) for (n, a_low_s, _), (m, _, b_high_s) in pairs])
    return Period(low_s, high_s) if 0 < low_s <= high_s else None


def mean_power(
    ticks: Sequence[Tick], period: Period | None, not_before_s: float = -math.inf
) -> Power | None:
    """Mean power over whole ticks that began after ``not_before_s``; None with fewer than two.

    The first move seen ends a tick that began before the readings: counting starts there. With a
    ``period`` the time is a number of periods, else that between the moves as they were seen.
    """
    used = [tick for tick in ticks if tick.low_s >= not_before_s]
    if len(used) < 3:
        return None
    first, last = used[0], used[-1]
    if period is not None:
        periods = _numbers(used, period.value_s)[-1]
        duration_s = periods * period.value_s
        doubt = (period.high_s - period.low_s) / 2 / period.value_s / math.sqrt(3)
    else:
        duration_s = last.middle_s - first.middle_s
        doubt = math.hypot(*(t.high_s - t.low_s for t in (first, last))) / duration_s / 12**0.5
    power_w = (last.energy_j - first.energy_j) / duration_s
    spread = _batch_error([b.energy_j - a.energy_j for a, b in pairwise(used)])
    return Power(power_w, None if spread is None else math.hypot(spread, doubt), duration_s)


def power_between(
    ticks: Sequence[Tick], period: Period | None, start_s: float, end_s: float
) -> Power | None:
    """Mean power from ``start_s`` to ``end_s``, the counter rising evenly within a tick; None where
    it was not seen to move before and after.

    A board draws something else at other places of a long step, and whole ticks would not hold
    whole steps. Where the same goes on before and after, whole steps are right on average, wherever
    in a tick they begin.
    """
    times_s = _times_s(ticks, period)
    if len(ticks) < 3 or not times_s[0] <= start_s < end_s <= times_s[-1]:
        return None
    start_j, end_j = (_counted_j(ticks, times_s, each) for each in (start_s, end_s))
    inside = [tick for tick, at_s in zip(ticks, times_s, strict=True) if start_s <= at_s <= end_s]
    spread = _batch_error([b.energy_j - a.energy_j for a, b in pairwise(inside)])
    return Power((end_j - start_j) / (end_s - start_s), spread, end_s - start_s)


def instant_power_w(readings: Sequence[CounterReading], ticks: Sequence[Tick]) -> float | None:
    """Mean of the instant power between the first and the last of ``ticks``, each value holding
    until the next reading; None where there is no such sensor."""
    if len(ticks) < 3:
        return None
    inside = [each for each in readings if ticks[0].high_s <= each.end_s <= ticks[-1].high_s]
    energy_mj, known_s = 0.0, 0.0
    for before, after in pairwise(inside):
        if before.instant_mw is not None:
            energy_mj += before.instant_mw * (after.end_s - before.end_s)
            known_s += after.end_s - before.end_s
    return energy_mj / 1000 / known_s if known_s else None


@dataclass(frozen=True)
class Response:
    """How a load shows. ``lag_s`` is the time for which the power before it would have had to go on
    for the counter to be where it is. A tick that begins ``settling_s`` after the load did holds
    nothing of what was before: more than the lag for a counter that averages over time."""

    lag_s: float
    settling_s: float


def response_of(
    ticks: Sequence[Tick], started_s: float, ended_s: float, period: Period | None
) -> Response | None:
    """How a load shows that ran from ``started_s`` to ``ended_s``.

    None where that cannot be told: too few ticks before or in the load, a load that hardly shows,
    or a power that had not settled.
    """
    before = [tick for tick in ticks if tick.high_s <= started_s]
    during = [tick for tick in ticks if tick.low_s >= started_s and tick.high_s <= ended_s]
    idle = mean_power(before[-3:], period)  # those before may hold what ran earlier
    if idle is None or period is None or len(during) < 4:
        return None
    powers_w = [(b.energy_j - a.energy_j) / period.value_s for a, b in pairwise(during)]
    size = _BLOCK if len(powers_w) > 2 * _BLOCK else 1
    earlier_w, later_w = (
        statistics.fmean(each) for each in (powers_w[-2 * size : -size], powers_w[-size:])
    )
    busy_w = (earlier_w + later_w) / 2
    rise_w = busy_w - idle.power_w
    still = abs(later_w - earlier_w) <= (_SETTLED if size == 1 else _SETTLED_BLOCK) * rise_w
    if busy_w < _SHOWS * idle.power_w or not still:
        return None
    start, end = before[-1], during[-1]
    energy_j = end.energy_j - start.energy_j
    expected_j = busy_w * (end.middle_s - started_s) + idle.power_w * (started_s - start.middle_s)
    lag_s = max(0.0, (expected_j - energy_j) / rise_w)
    full_w = idle.power_w + _FULLY * rise_w
    full = next(number for number, power_w in enumerate(powers_w) if power_w >= full_w)
    # The load begins within a tick: the next is full by the lag alone, but for what power swings.
    if during[full].middle_s - started_s <= 1.5 * period.value_s + lag_s:
        return Response(lag_s, lag_s)
    return Response(lag_s, during[full + 1].middle_s - started_s)


def _times_s(ticks: Sequence[Tick], period: Period | None) -> list[float]:
    """When the counter moved: at one place in every period, if all moves can have been there."""
    middles_s = [tick.middle_s for tick in ticks]
    if period is None or len(ticks) < 2:
        return middles_s
    offsets_s = [number * period.value_s for number in _numbers(ticks, period.value_s)]
    low_s = max(tick.low_s - offset_s for tick, offset_s in zip(ticks, offsets_s, strict=True))
    high_s = min(tick.high_s - offset_s for tick, offset_s in zip(ticks, offsets_s, strict=True))
    if low_s > high_s:
        return middles_s
    return [(low_s + high_s) / 2 + offset_s for offset_s in offsets_s]


def _counted_j(ticks: Sequence[Tick], times_s: Sequence[float], at_s: float) -> float:
    """The counter at a moment between two of its moves."""
    after = min(max(1, bisect_right(times_s, at_s)), len(ticks) - 1)
    before_s, after_s = times_s[after - 1], times_s[after]
    share = (at_s - before_s) / (after_s - before_s)
    return ticks[after - 1].energy_j + share * (ticks[after].energy_j - ticks[after - 1].energy_j)


def _typical_gap_s(ticks: Sequence[Tick]) -> float:
    return statistics.median(b.middle_s - a.middle_s for a, b in pairwise(ticks))


def _numbers(ticks: Sequence[Tick], period_s: float) -> list[int]:
    """The number of each tick from the first on: a slow call may have hidden one."""
    numbers = [0]
    for before, after in pairwise(ticks):
        numbers.append(numbers[-1] + max(1, round((after.middle_s - before.middle_s) / period_s)))
    return numbers


def _batch_error(energies_j: Sequence[float]) -> float | None:
    """Relative standard error of the mean from means of neighbours: the power of one tick is much
    like that of the next, so that single ticks would promise too much."""
    if len(energies_j) < _FEWEST_FOR_ERROR:
        return None
    size = math.isqrt(len(energies_j))
    count = len(energies_j) // size
    means = [statistics.fmean(energies_j[i * size : (i + 1) * size]) for i in range(count)]
    mean = statistics.fmean(means)
    squares = math.fsum((each - mean) ** 2 for each in means)
    return math.sqrt(squares / (count - 1) / count) / mean if mean else None
