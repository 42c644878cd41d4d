"""An external meter's log: power over time, on the meter's own clock."""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from magneton_agent.schema.errors import MagnetonError

_TIME, _POWER = "timestamp", "watts"
_FORM = (
    "Write one line a reading, 'timestamp,watts': seconds or ISO 8601, then a number. Other "
    "columns need a header that names these two."
)


class PowerLog:
    """Readings ``times_s`` (ascending) and ``watts``; in between, power changes linearly."""

    def __init__(self, times_s: Sequence[float], watts: Sequence[float]) -> None:
        self.times_s, self.watts = list(times_s), list(watts)
        self._energy_j = [0.0]
        for (start, end), (low, high) in zip(pairwise(times_s), pairwise(watts), strict=True):
            self._energy_j.append(self._energy_j[-1] + (end - start) * (low + high) / 2)

    @property
    def period_s(self) -> float:
        """The usual time between two readings."""
        return statistics.median(b - a for a, b in pairwise(self.times_s))

    def covers(self, start_s: float, end_s: float) -> bool:
        """Whether there are readings before ``start_s`` and after ``end_s``."""
        return self.times_s[0] <= start_s and end_s <= self.times_s[-1]

    def mean_w(self, start_s: float, end_s: float) -> float:
        """Mean power between two times that the log covers."""
        return (self._until(end_s) - self._until(start_s)) / (end_s - start_s)

    def within(self, start_s: float, end_s: float) -> list[float]:
        """The readings between two times, W."""
        return self.watts[bisect_right(self.times_s, start_s) : bisect_right(self.times_s, end_s)]

    def halfway_s(self, time_s: float) -> float:
        """The middle between the readings before and after ``time_s``, which the log covers."""
        after = min(max(bisect_right(self.times_s, time_s), 1), len(self.times_s) - 1)
        return (self.times_s[after - 1] + self.times_s[after]) / 2

    def gaps(self, longest_s: float) -> list[tuple[float, float]]:
        """The stretches longer than ``longest_s`` without a reading."""
        return [(a, b) for a, b in pairwise(self.times_s) if b - a > longest_s]

    def _until(self, time_s: float) -> float:
        """Energy from the log's start to ``time_s``, J."""
        last = min(max(bisect_right(self.times_s, time_s) - 1, 0), len(self.times_s) - 2)
        start, end = self.times_s[last], self.times_s[last + 1]
        low, high = self.watts[last], self.watts[last + 1]
        passed = time_s - start
        reached = low + (high - low) * passed / (end - start)
        return self._energy_j[last] + passed * (low + reached) / 2


def parse(text: str, name: str) -> PowerLog:
    """The log that ``text`` holds; ``name`` is its file's. A last line without its end is still
    being written, and left out.

    Raises:
        MagnetonError: it is no such log, its clock goes back, or it holds less than two readings.
    """
    lines = text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]
    columns, first = _columns(lines[0] if lines else "", name)
    times, watts = list[float](), list[float]()
    for number, line in enumerate(lines[first:], first + 1):
        if not line.strip():
            continue
        time_s, power_w = _reading(line, columns, name, number)
        if times and time_s < times[-1]:
            raise _wrong(name, f"in line {number} its clock goes back", "Start a new log.")
        if not times or time_s > times[-1]:
            times.append(time_s)
            watts.append(power_w)
    if len(times) < 2:
        raise _wrong(
            name, "it holds less than two readings", "Start the logger before the comparison."
        )
    return PowerLog(times, watts)


def _columns(line: str, name: str) -> tuple[tuple[int, int], int]:
    """Where time and power stand, and at which line readings begin."""
    fields = [field.strip().lower() for field in line.split(",")]
    if _TIME in fields and _POWER in fields:
        return (fields.index(_TIME), fields.index(_POWER)), 1
    if len(fields) != 2:
        raise _wrong(name, "its first line neither names its columns nor has just two", _FORM)
    return (0, 1), 0


def _reading(line: str, columns: tuple[int, int], name: str, number: int) -> tuple[float, float]:
    fields = line.split(",")
    try:
        time_s, power_w = _seconds(fields[columns[0]].strip()), float(fields[columns[1]])
    except (ValueError, IndexError):
        raise _wrong(name, f"line {number} is no reading: {line[:60]!r}", _FORM) from None
    if not (math.isfinite(time_s) and math.isfinite(power_w)):
        raise _wrong(name, f"line {number} holds no number: {line[:60]!r}", _FORM)
    return time_s, power_w


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()


def _wrong(name: str, cause: str, remedy: str) -> MagnetonError:
    return MagnetonError(f"{name} cannot be read as a meter's log", cause, remedy)
