"""Energy from an external meter's log (``--meter csv:FILE``): aligned by a marker load."""

from __future__ import annotations

import asyncio
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Mark, Marked, Sample, Slot
from magneton_agent.schema.meters import Domain, DomainEnergy, DomainPower, MeterFacts

from ..analysis.alignment import PATTERN, Alignment, align, covered
from ..analysis.power_log import PowerLog, parse
from .runner import Runner
from .series import Series

_SLOT_S, _READINGS_A_SLOT = 0.5, 2.5
_PERIODS_BEYOND = 0.382  # golden: edges of such slots fall all over the meter's period
_LONGEST_PERIOD_S = 0.5
_WAIT_S, _POLL_S = 15.0, 0.5  # for what the logger has not written yet
_BACK = 4096  # bytes from before the run, so that the log covers its start
_COVERS = (Domain("what the meter is attached to", "external"),)
_CONFIDENCE = 1.96


class ExternalMeter:
    """The log ``path``, for the sides of one job that run.

    :meth:`begin` before the first window and :meth:`settle` after the last one run the marker in
    every side; then samples have energies, and sides a meter.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._from = self._size_before = 0
        self._before: list[Slot] = []
        self._slot_s = _SLOT_S

    async def begin(self, series: Sequence[Series]) -> None:
        """
        Raises:
            MagnetonError: the log is missing, is none, is too coarse, or nobody writes it.
        """
        self._size_before = self._size()
        self._from = max(0, self._size_before - _BACK)
        period_s = self._read().period_s
        if period_s > _LONGEST_PERIOD_S:
            raise MagnetonError(
                f"{self._path} has a reading every {period_s:.2g} s, which is too coarse",
                f"{_LONGEST_PERIOD_S:g} s is the longest that steps can be told apart by",
                "Let the logger write more often: ten times a second is good.",
            )
        self._slot_s = slot_s(period_s)
        for each in _runners(series):
            each.metered(_facts(period_s, None))
            self._before += await self._mark(each)
        if self._before:
            await self._grown()

    async def settle(self, series: Sequence[Series]) -> None:
        """Windows that the log does not cover have no energy: where the logger ended while steps
        were measured, those before that have one.

        Raises:
            MagnetonError: the marker is not clearly in a log that is still being written, or was
                not at all while steps were measured.
        """
        after = [slot for each in _runners(series) for slot in await self._mark(each)]
        log, alignment = await self._aligned(after)
        for each in series:
            known = [
                alignment is not None and covered(log, alignment, _span(sample))
                for sample in each.samples
            ]
            if not all(known):
                each.missed(f"{self._path} has no readings there: did the logger end, or pause?")
            if alignment is not None:
                _read_off(log, alignment, each, known)

    async def _grown(self) -> None:
        """Wait until something has been written: whether it shows the marker cannot be told before
        all that the logger holds back is there, but a log that never grows will not."""
        deadline = time.monotonic() + _WAIT_S
        while self._size() == self._size_before:
            if time.monotonic() > deadline:
                raise MagnetonError(
                    f"{self._path} cannot be aligned with the run",
                    "nothing has been written to it since the run began",
                    "Start the logger first, and let it write every reading at once.",
                )
            await asyncio.sleep(_POLL_S)

    async def _aligned(self, after: Sequence[Slot]) -> tuple[PowerLog, Alignment | None]:
        """Waits until the log has all of the last marker. A log that ended early is aligned by the
        first, if it has that."""
        deadline, seen = time.monotonic() + _WAIT_S, 0
        while True:
            log = self._read()
            try:
                return log, align(log, self._before, after, str(self._path))
            except MagnetonError:
                if time.monotonic() > deadline and seen:
                    if self._size() > seen:
                        raise
                    return log, self._by_first(log)
            seen = self._size()
            await asyncio.sleep(_POLL_S)

    def _by_first(self, log: PowerLog) -> Alignment | None:
        try:
            return align(log, self._before, (), str(self._path))
        except MagnetonError:
            return None

    async def _mark(self, side: Runner) -> tuple[Slot, ...]:
        return (await side.ask(Mark(PATTERN, self._slot_s), Marked)).slots

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError as error:
            raise _unreadable(self._path, error) from error

    def _read(self) -> PowerLog:
        """What the log says of this run: its first line, which may be a header, and all from a
        little before the run on."""
        try:
            with self._path.open("rb") as file:
                header = file.readline()
                if self._from > len(header):
                    file.seek(self._from)
                    file.readline()  # the rest of a line
                data = file.read()
        except OSError as error:
            raise _unreadable(self._path, error) from error
        named = b"timestamp" in header.lower() or self._from <= len(header)
        text = ((header if named else b"") + data).decode("utf-8", "replace")
        return parse(text, str(self._path))


def slot_s(period_s: float) -> float:
    """How long the marker's slots last beside a meter with so much time between its readings: some
    part of that more than a multiple of it, so that not all edges are read equally late."""
    periods = max(_SLOT_S / period_s, _READINGS_A_SLOT)
    return (math.ceil(periods - _PERIODS_BEYOND) + _PERIODS_BEYOND) * period_s


def _runners(series: Sequence[Series]) -> list[Runner]:
    return [each.side for each in series if isinstance(each.side, Runner)]


def _read_off(log: PowerLog, alignment: Alignment, series: Series, known: Sequence[bool]) -> None:
    """Give the windows of ``series`` that are ``known`` their energies, and its side its meter."""
    windows = list(zip(series.samples, known, strict=True))
    errors = [window_error(log, alignment, sample) for sample, yes in windows if yes]
    series.samples = [
        with_energy(log, alignment, sample) if yes else sample for sample, yes in windows
    ]
    if isinstance(series.side, Runner):
        error = statistics.median(errors) if errors else None
        series.side.metered(_facts(log.period_s, alignment, error))


def _span(sample: Sample) -> Slot:
    return Slot(True, sample.started_s, sample.ended_s)


def _mean_w(log: PowerLog, alignment: Alignment, sample: Sample) -> float:
    start, end = alignment.log_time_s(sample.started_s), alignment.log_time_s(sample.ended_s)
    return log.mean_w(start, end)


def with_energy(log: PowerLog, alignment: Alignment, sample: Sample) -> Sample:
    """``sample``, a window that ``log`` covers, with what a step took by it; between steps the
    device is taken to idle."""
    mean_w, gap_s = _mean_w(log, alignment, sample), sample.gaps_s / sample.steps
    between_j = max(0.0, mean_w - alignment.idle_w) * gap_s
    energy_j = mean_w * sample.duration_s + between_j
    energies = (DomainEnergy(_COVERS[0], energy_j),)
    return replace(sample, energy_j=energy_j, energies=energies, between_j=between_j)


def window_error(log: PowerLog, alignment: Alignment, sample: Sample) -> float:
    """Relative half width of what alignment and sampling leave open of one window's energy."""
    mean_w, span_s = _mean_w(log, alignment, sample), sample.ended_s - sample.started_s
    if mean_w <= 0 or span_s <= 0:
        return math.inf
    start, end = alignment.log_time_s(sample.started_s), alignment.log_time_s(sample.ended_s)
    readings = log.within(start, end)
    # Both edges may let in what ran beside the window: a block of timed steps, or the other side.
    beside_w = _beside_w(log, alignment, start, end)
    shifted = alignment.doubt_s / span_s * math.hypot(*(mean_w - each for each in beside_w))
    sampled = statistics.stdev(readings) / math.sqrt(len(readings)) if len(readings) > 1 else 0.0
    # A doubt of the mean power counts for the gaps too, in which no more than idling is taken off.
    gap = sample.gaps_s / sample.steps / sample.duration_s
    doubt_w = math.hypot(shifted, _CONFIDENCE * sampled) * (1 + gap)
    return doubt_w / (mean_w + max(0.0, mean_w - alignment.idle_w) * gap)


def _beside_w(log: PowerLog, alignment: Alignment, start: float, end: float) -> tuple[float, float]:
    """Mean power before ``start`` and after ``end`` of the log's clock, a little off, where no
    reading holds any of what is in between."""
    off_s = max(alignment.doubt_s, log.period_s)
    return (
        _within_log_w(log, start - 2 * off_s, start - off_s, alignment.idle_w),
        _within_log_w(log, end + off_s, end + 2 * off_s, alignment.idle_w),
    )


def _within_log_w(log: PowerLog, start: float, end: float, else_w: float) -> float:
    return log.mean_w(start, end) if log.covers(start, end) else else_w


def _facts(period_s: float, alignment: Alignment | None, error: float | None = None) -> MeterFacts:
    idle = () if alignment is None else (DomainPower(_COVERS[0], alignment.idle_w, None),)
    return MeterFacts(
        name="csv",
        covers=_COVERS,
        period_s=period_s,
        call_s=None,
        lag_s=None,
        error=error,
        idle=idle,
        clock=None if alignment is None else _clock(alignment),
    )


def _clock(alignment: Alignment) -> str:
    return (
        f"{alignment.offset_s:+.3f} s ± {alignment.doubt_s * 1000:.0f} ms against this machine's "
        f"monotonic clock, drift {alignment.drift * 1e6:+.0f} ppm, correlation with the marker "
        f"{alignment.correlation:.2f}"
    )


def _unreadable(path: Path, error: OSError) -> MagnetonError:
    return MagnetonError(
        f"the meter's log {path} cannot be read",
        (error.strerror or str(error)).lower(),
        "Start the logger first, and name the file that it writes.",
    )
