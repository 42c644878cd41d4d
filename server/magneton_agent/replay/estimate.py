"""The energy of one call, from what a meter's open window says while calls are being made.

A window's reading covers ever more whole updates of the meter; each time it grows, the growth is
one more stretch of known energy. The first ones are left out: power and clocks are settling.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from ..meters.meter import Reading
from ..schema.meters import Domain

TARGET = 0.03  # relative half width of the 95 % interval at which a call is known well enough
_FEWEST_STRETCHES = 3
_UNKNOWN_PERIOD_S = 0.1
_SETTLING_PERIODS, _LEAST_SETTLING_S = 1.5, 0.05
# Student's t at 97.5 % by degrees of freedom; beyond them the normal distribution's is close.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
_NORMAL = 1.96


@dataclass(frozen=True)
class Estimate:
    """Energy (J) and time (s) of one call; ``error`` is the relative half width of the energy's
    95 % interval."""

    energy_j: float
    duration_s: float
    error: float

    @property
    def steady(self) -> bool:
        return self.error <= TARGET


@dataclass(frozen=True)
class _Sighting:
    """A reading when it was first seen, and before it where the window's counting began."""

    seen_s: float
    duration_s: float
    energy_j: float


class Estimator:
    """Follows one window over the ``domains`` that the call's device is made of.

    ``call_s`` gives the time of one call since a moment of the monotonic clock. ``period_s`` is how
    often the meter's figure moves, None where that is not known.
    """

    def __init__(
        self,
        domains: tuple[Domain, ...],
        period_s: float | None,
        call_s: Callable[[float], float | None],
    ) -> None:
        self._domains, self._period_s, self._call_s = domains, period_s, call_s
        self._seen = list[_Sighting]()
        self._started_s: float | None = None

    def see(self, reading: Reading | None, now_s: float) -> Estimate | None:
        """Take note of the window's ``reading`` at ``now_s``; the estimate so far where it has
        moved and there is one."""
        if self._started_s is None:
            self._started_s = now_s
        if reading is None:
            return None
        if not self._seen:
            self._seen.append(_Sighting(now_s - reading.duration_s, 0.0, 0.0))
        if reading.duration_s <= self._seen[-1].duration_s:
            return None
        power_w = sum(each.power_w for each in reading.powers if each.domain in self._domains)
        self._seen.append(_Sighting(now_s, reading.duration_s, power_w * reading.duration_s))
        return self.estimate()

    def estimate(self) -> Estimate | None:
        """What the stretches since the power has settled say; None while they are too few."""
        settled = [each for each in self._seen if each.seen_s >= self._settled_s()]
        if len(settled) <= _FEWEST_STRETCHES:
            return None
        call_s = self._call_s(settled[0].seen_s)
        stretches = [
            (self._whole(later.duration_s - earlier.duration_s), later.energy_j - earlier.energy_j)
            for earlier, later in itertools.pairwise(settled)
        ]
        total_s = sum(duration_s for duration_s, _ in stretches)
        error = _error([energy_j / duration_s for duration_s, energy_j in stretches])
        if call_s is None or error is None:
            return None
        power_w = sum(energy_j for _, energy_j in stretches) / total_s
        return Estimate(power_w * call_s, call_s, error)

    def _settled_s(self) -> float:
        period_s = self._period_s or _UNKNOWN_PERIOD_S
        settling_s = max(_LEAST_SETTLING_S, _SETTLING_PERIODS * period_s)
        return (self._started_s or 0.0) + settling_s

    def _whole(self, duration_s: float) -> float:
        """A stretch is a whole number of periods, however late its end was noticed."""
        if self._period_s is None:
            return duration_s
        return max(1, round(duration_s / self._period_s)) * self._period_s


def _error(powers_w: list[float]) -> float | None:
    count, mean_w = len(powers_w), statistics.fmean(powers_w)
    if mean_w <= 0:
        return None
    student = _STUDENT[count - 2] if count - 2 < len(_STUDENT) else _NORMAL
    return student * statistics.stdev(powers_w) / math.sqrt(count) / mean_w
