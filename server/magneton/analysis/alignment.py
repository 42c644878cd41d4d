"""Finds a marker load in an external meter's log, and with it how the two clocks relate.

The marker is a load that goes on and off in slots. The offset at which the log's mean power in the
slots correlates best with the pattern is the log's; its place is refined where the contrast of on
against off, which falls off linearly on both sides, has its tip. A second marker tells the drift.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Slot

from .power_log import PowerLog

BARKER = (True,) * 5 + (False,) * 2 + (True,) * 2 + (False, True, False, True)
PATTERN = (False, False, *BARKER, False, False)
"""Barker's code of 13, whose copies overlap least with each other, with quiet before and after."""

_CLEAR, _APART = 0.8, 0.1
_MOST_DRIFT = 0.005
_LONGEST_GAP = 5  # periods
_PHASES = 16
_CONFIDENCE = 1.96
_SETTLED = 0.4  # of an idle slot: until then power still falls

Slots = Sequence[Slot]


@dataclass(frozen=True)
class Alignment:
    """log time = worker's time + ``offset_s`` + ``drift`` * (worker's time - ``since_s``).

    ``doubt_s`` is the half width of the offset's 95 % interval; ``correlation`` that of pattern
    and log, ``idle_w`` the mean power of the idle slots.
    """

    offset_s: float
    drift: float
    since_s: float
    doubt_s: float
    correlation: float
    idle_w: float

    def log_time_s(self, time_s: float) -> float:
        """The log's time at the worker's ``time_s``."""
        return time_s + self.offset_s + self.drift * (time_s - self.since_s)


def align(log: PowerLog, before: Slots, after: Slots, name: str) -> Alignment:
    """How the clock of ``log``, from the file ``name``, relates to that of the slots run
    ``before`` and ``after`` the measuring. Without the latter no drift is known, and none assumed.

    Raises:
        MagnetonError: the pattern is not clearly there, or the clock runs wrong.
    """
    slots = [*before, *after]
    found, correlation = _best(log, slots, name)
    first, doubt_s = _refined(log, before, found)
    since_s, drift = _middle(before), 0.0
    if after:
        last, last_doubt_s = _refined(log, after, found)
        drift = (last - first) / (_middle(after) - since_s)
        doubt_s = max(doubt_s, last_doubt_s)
    if abs(drift) > _MOST_DRIFT:
        raise _refused(
            name,
            f"its clock runs {100 * drift:+.1f} % against this machine's",
            "Use the time at which each reading was taken.",
        )
    aligned = Alignment(first, drift, since_s, doubt_s, correlation, 0.0)
    idle = [_idle_w(log, slot, aligned) for slot in slots if not slot.on]
    return Alignment(first, drift, since_s, doubt_s, correlation, statistics.fmean(idle))


def covered(log: PowerLog, alignment: Alignment, span: Slot) -> bool:
    """Whether ``log`` has readings all through ``span``."""
    start_s, end_s = alignment.log_time_s(span.started_s), alignment.log_time_s(span.ended_s)
    gaps = log.gaps(_LONGEST_GAP * log.period_s)
    return log.covers(start_s, end_s) and not any(a < end_s and b > start_s for a, b in gaps)


def _best(log: PowerLog, slots: Slots, name: str) -> tuple[float, float]:
    """The offset of the best match in all of the log, and its correlation."""
    slot_s = min(slot.ended_s - slot.started_s for slot in slots)
    low, high = log.times_s[0] - slots[0].started_s, log.times_s[-1] - slots[-1].ended_s
    if high < low:
        raise _refused(
            name,
            f"it covers {log.times_s[-1] - log.times_s[0]:.3g} s, and the run took longer",
            "Start the logger first, and let it write every reading at once.",
        )
    if max(log.watts) == min(log.watts):
        raise _refused(name, "its power never changes", "Attach the meter to this machine.")
    steps = int((high - low) / (slot_s / 8)) + 1
    scores = [
        (_correlation(log, slots, offset), offset)
        for offset in (min(high, low + slot_s / 8 * step) for step in range(steps + 1))
    ]
    score, offset = max(scores)
    others = (each for each, at in scores if abs(at - offset) > 1.5 * slot_s)
    if score < _CLEAR or score - max(others, default=0.0) < _APART:
        raise _refused(
            name,
            f"the known load of this run is not clearly in it: best correlation {score:.2f}, "
            f"{_CLEAR:g} is needed",
            "Attach the meter to this machine, let nothing else load it, and let the logger "
            "write at least twice a second, each reading at once.",
        )
    return offset, score


def _refined(log: PowerLog, slots: Slots, near: float) -> tuple[float, float]:
    """The offset by ``slots`` alone, and the half width of its 95 % interval: from leaving one
    slot out (jackknife), and from how far apart the readings are."""
    slot_s = min(slot.ended_s - slot.started_s for slot in slots)
    offset = _tip(lambda at: _contrast(log, slots, at), near, slot_s)
    without = [
        _tip(lambda at, kept=kept: _contrast(log, kept, at), offset, slot_s)  # type: ignore[misc]
        for kept in ([*slots[:i], *slots[i + 1 :]] for i in range(len(slots)))
    ]
    middle, count = statistics.fmean(without), len(without)
    spread = math.sqrt((count - 1) / count * sum((each - middle) ** 2 for each in without))
    edges_s = [b.started_s + offset for a, b in pairwise(slots) if a.on != b.on]
    return offset, _CONFIDENCE * math.hypot(spread, _sampling_s(log, edges_s))


def _sampling_s(log: PowerLog, edges_s: Sequence[float]) -> float:
    """Standard error of the offset from readings that are apart. An edge is seen halfway between
    two of them; how much of that is left on average over all edges, wherever in a period the first
    one falls: all of it, where slots are a multiple of the period."""
    shifts_s = [log.period_s * (number / _PHASES - 0.5) for number in range(_PHASES)]
    left_s = [
        statistics.fmean(log.halfway_s(each + shift_s) - each - shift_s for each in edges_s)
        for shift_s in shifts_s
    ]
    return math.sqrt(statistics.fmean(each**2 for each in left_s))


def _tip(height: Callable[[float], float], near: float, slot_s: float) -> float:
    """Where ``height``, which falls off linearly on both sides of its tip, has it."""
    coarse = max((near + slot_s / 32 * step for step in range(-16, 17)), key=height)
    reaches = [slot_s * (0.1 + 0.05 * step) for step in range(7)]
    left = _line([-reach for reach in reaches], [height(coarse - reach) for reach in reaches])
    right = _line(reaches, [height(coarse + reach) for reach in reaches])
    if left[1] <= right[1]:
        return coarse  # not a tip
    crossing = (right[0] - left[0]) / (left[1] - right[1])
    return coarse + max(-slot_s / 4, min(slot_s / 4, crossing))


def _line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Height at 0 and slope of the line through points."""
    slope, height = statistics.linear_regression(x, y)
    return height, slope


def _contrast(log: PowerLog, slots: Slots, offset: float) -> float:
    """Mean power of the loaded slots over that of the others, W."""
    powers: dict[bool, list[float]] = {True: [], False: []}
    for slot in slots:
        powers[slot.on].append(log.mean_w(slot.started_s + offset, slot.ended_s + offset))
    return statistics.fmean(powers[True]) - statistics.fmean(powers[False])


def _correlation(log: PowerLog, slots: Slots, offset: float) -> float:
    powers = [log.mean_w(slot.started_s + offset, slot.ended_s + offset) for slot in slots]
    try:
        return statistics.correlation(powers, [float(slot.on) for slot in slots])
    except statistics.StatisticsError:
        return 0.0  # power is constant there


def _idle_w(log: PowerLog, slot: Slot, alignment: Alignment) -> float:
    start, end = alignment.log_time_s(slot.started_s), alignment.log_time_s(slot.ended_s)
    return log.mean_w(start + _SETTLED * (end - start), end)


def _middle(slots: Slots) -> float:
    return (slots[0].started_s + slots[-1].ended_s) / 2


def _refused(name: str, cause: str, remedy: str) -> MagnetonError:
    return MagnetonError(f"{name} cannot be aligned with the run", cause, remedy)
