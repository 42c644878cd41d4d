"""The energy counters of NVIDIA boards, read at their own ticks from a second thread.

A counter steps about every 100 ms and a call takes milliseconds: a reading inside the measured
queue would leave the board idle, and a difference over a short window is mostly rounding.
"""

from __future__ import annotations

import math
import os
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ..schema.meters import BoardState, Domain, DomainPower, MeterFacts
from .boards import Board, BoardAbsent
from .clock import Clock, SystemClock
from .meter import Absence, Reading, Span
from .nvml_errors import NvmlAbsent, explained
from .ticks import (
    CounterReading,
    Period,
    Power,
    Response,
    Tick,
    instant_power_w,
    mean_power,
    period_of,
    power_between,
    response_of,
    ticks_in,
)

_STATES_S = 1.0  # between two states of a board in a window: some calls of the driver each
POLL_S = 0.005  # never faster: polling at 0.5 ms has made a board's counter fall short
IDLE_S, LOAD_S = 1.2, 0.6
LONG_LOAD_S = 2.4  # more, where the counter has not settled
_USUAL_PERIOD_S, _LONG_CALL_S = 0.1, 0.04
_ANEW = "the energy counter started anew: was the driver loaded again?"
_TOO_SHORT = "a window was too short for two ticks of the energy counter"
Load = Callable[[float], None]
"""Keeps the first board busy for so many seconds."""


class Calibration:
    """What is known of the counters: their period, narrowed by every window, and how a load shows
    in them."""

    def __init__(self) -> None:
        self.period: Period | None = None
        self.response: Response | None = None

    @property
    def margin_s(self) -> float:
        """For how long the same must go on before and after a span: a tick that holds nothing of
        what was before must be seen before it, and one after it."""
        period_s = _USUAL_PERIOD_S if self.period is None else self.period.value_s
        return period_s + self.settling_s + _LONG_CALL_S

    @property
    def settling_s(self) -> float:
        """How long what was before goes on to show; taken as 0 where it is not known."""
        return 0.0 if self.response is None else self.response.settling_s

    def respond(self, ticks: Sequence[Tick], started_s: float, ended_s: float) -> bool:
        """Learn from a load that ran between the two; whether it told."""
        self.learn(ticks)
        self.response = response_of(ticks, started_s, ended_s, self.period)
        return self.response is not None

    def learn(self, ticks: Sequence[Tick]) -> Period | None:
        """Narrow the period by what one window has shown, which is returned."""
        if (found := period_of(ticks)) is not None:
            self.period = found.and_also(self.period)
        return found


class NvmlMeter:
    """Reads the total energy counters of the boards ``uuids`` (``GPU-…``). ``run`` is the process
    that started this run, the parent unless told.

    Raises:
        NvmlAbsent: the driver, a board or its counter does not answer.
    """

    name = "nvml"

    def __init__(
        self, nvml: Any, uuids: Sequence[str], clock: Clock | None = None, run: int | None = None
    ) -> None:
        self._nvml, self._clock, self._run = nvml, clock or SystemClock(), run or os.getppid()
        self.calibration = Calibration()
        self._call_s: float | None = None
        self.idle: tuple[DomainPower, ...] = ()
        try:
            nvml.nvmlInit()
            self._boards = [Board(nvml, uuid, self._clock, self._run) for uuid in uuids]
            self.driver = str(nvml.nvmlSystemGetDriverVersion())
        except BoardAbsent as error:
            raise NvmlAbsent(str(error)) from error
        except nvml.NVMLError as error:
            raise NvmlAbsent(explained(error)) from error

    @property
    def covers(self) -> tuple[Domain, ...]:
        return tuple(board.domain for board in self._boards)

    @property
    def period_s(self) -> float | None:
        period = self.calibration.period
        return period.value_s if period is not None else None

    @property
    def margin_s(self) -> float:
        """As its calibration says."""
        return self.calibration.margin_s

    @property
    def error(self) -> float | None:
        """Of the idle power: what ticks and period leave open where nothing changes."""
        errors = [each.error for each in self.idle if each.error is not None]
        return max(errors, default=None)

    @property
    def facts(self) -> MeterFacts:
        response = self.calibration.response
        return MeterFacts(
            name=self.name,
            covers=self.covers,
            period_s=self.period_s,
            call_s=self._call_s,
            lag_s=None if response is None else response.lag_s,
            error=self.error,
            idle=self.idle,
            settling_s=None if response is None else response.settling_s,
        )

    @property
    def idle_power_w(self) -> float | None:
        """Of all boards together, with nothing submitted; None where one did not tell."""
        if len(self.idle) < len(self._boards):
            return None
        return sum(each.power_w for each in self.idle)

    @property
    def calibrated(self) -> tuple[Domain, ...]:
        """The boards whose idle power is known."""
        return tuple(each.domain for each in self.idle)

    def window(self) -> TickWindow:
        """A window of the boards' counters."""
        return TickWindow(self._boards, self._clock, self.calibration)

    def states(self) -> tuple[BoardState, ...]:
        """What every board says of itself now."""
        return tuple(board.state() for board in self._boards)

    def cover(self, uuids: Sequence[str]) -> None:
        """Read further boards too.

        Raises:
            NvmlAbsent: one of them cannot be read.
        """
        known = {board.uuid for board in self._boards}
        try:
            found = [
                Board(self._nvml, each, self._clock, self._run)
                for each in uuids
                if each not in known
            ]
        except BoardAbsent as error:
            raise NvmlAbsent(str(error)) from error
        self._boards += found

    def calibrate(self, load: Load | None) -> None:
        """Idle power, period and latency while nothing is submitted, and how ``load`` shows.

        Without a load, or where it does not tell, that stays unknown, and counts as at once.
        """
        with self.window() as window:
            self._clock.sleep(IDLE_S)
            idle_s, busy_s = -math.inf, self._clock.now_s()
            if load is not None:
                ended_s = self._respond(window, load, busy_s)
                if (settling_s := self.calibration.settling_s) > IDLE_S / 2:
                    # What was idle above held much of what ran before it.
                    self._clock.sleep(settling_s + IDLE_S)
                    idle_s, busy_s = ended_s + settling_s, self._clock.now_s()
        per_board = [window.ticks(board) for board in self._boards]
        for ticks in per_board:
            self.calibration.learn(ticks)
        idle = [[tick for tick in ticks if tick.high_s <= busy_s] for ticks in per_board]
        powers = [mean_power(ticks, self.calibration.period, idle_s) for ticks in idle]
        self.idle = tuple(
            DomainPower(board.domain, power.power_w, power.error)
            for board, power in zip(self._boards, powers, strict=True)
            if power is not None
        )
        calls_s = [each.end_s - each.start_s for each in window.readings(self._boards[0])]
        self._call_s = statistics.median(calls_s) if calls_s else None

    def _respond(self, window: TickWindow, load: Load, started_s: float) -> float:
        """Run ``load`` until it tells how it shows, or for long; returns when it ended."""
        for duration_s in (LOAD_S, LONG_LOAD_S):
            load(duration_s)
            ended_s = self._clock.now_s()
            if self.calibration.respond(window.ticks(self._boards[0]), started_s, ended_s):
                break
        return ended_s


class TickWindow:
    """Readings of every board, taken by a thread of its own while entered."""

    def __init__(self, boards: Sequence[Board], clock: Clock, calibration: Calibration) -> None:
        self._boards, self._clock, self._calibration = tuple(boards), clock, calibration
        self._readings: dict[str, list[CounterReading]] = {each.uuid: [] for each in boards}
        self._states: dict[str, list[BoardState]] = {each.uuid: [] for each in boards}
        self._stated_s: dict[str, float] = {}
        self._failed: str | None = None
        self._cpu_s = 0.0
        self._entered_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="magneton-nvml", daemon=True)

    def __enter__(self) -> TickWindow:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def readings(self, board: Board) -> list[CounterReading]:
        return self._readings[board.uuid]

    def ticks(self, board: Board) -> list[Tick]:
        return ticks_in(self._readings[board.uuid])

    def reading(self, span: Span | None = None) -> Reading | Absence:
        """Every board's mean power, in ``span`` or over whole ticks so far, or why not."""
        if self._failed is not None:
            return Absence(self._failed, lost=True, cpu_s=self._cpu_s)
        powers = []
        duration_s = 0.0
        for board in self._boards:
            ticks = self.ticks(board)
            if any(b.energy_j < a.energy_j for a, b in pairwise(ticks)):
                return Absence(_ANEW, cpu_s=self._cpu_s)
            # By the window's own period where it tells one: an error of one period for all windows
            # would be one that no repetition shows.
            period = self._calibration.learn(ticks) or self._calibration.period
            if (power := self._power(ticks, period, span)) is None:
                return Absence(_TOO_SHORT, cpu_s=self._cpu_s)
            powers.append(DomainPower(board.domain, power.power_w, power.error))
            duration_s = power.duration_s
        over = self._stop.is_set()
        states = self._states_seen() if over else ()
        return Reading(tuple(powers), duration_s, states, self._cpu_s)

    def _power(
        self, ticks: Sequence[Tick], period: Period | None, span: Span | None
    ) -> Power | None:
        found = None
        if span is not None:
            found = power_between(ticks, period, span.start_s, span.end_s)
        not_before_s = self._entered_s + self._calibration.settling_s
        return found or mean_power(ticks, period, not_before_s)

    def _states_seen(self) -> tuple[BoardState, ...]:
        """What each board said within the window, with its power by both sensors."""
        found = []
        for board in self._boards:
            if not (states := self._states[board.uuid]):
                continue
            ticks = self.ticks(board)
            power = mean_power(ticks, self._calibration.period)
            instant_w = instant_power_w(self.readings(board), ticks)
            found.append(
                replace(
                    _together(states),
                    counter_w=power.power_w if power is not None else None,
                    instant_w=instant_w,
                )
            )
        return tuple(found)

    def _note(self, board: Board, after_s: float) -> None:
        """Keep what ``board`` says of itself, so long after it was last asked. When a window ends
        its work has ended: its clocks then are those of idling, and the ones before count."""
        now_s, states = self._clock.now_s(), self._states[board.uuid]
        if now_s - self._stated_s.get(board.uuid, -math.inf) < after_s:
            return
        self._stated_s[board.uuid] = now_s
        state = board.state()
        if self._stop.is_set() and states:
            state = replace(state, sm_mhz=states[-1].sm_mhz, memory_mhz=states[-1].memory_mhz)
        states.append(state)

    def _poll(self) -> None:
        self._entered_s = self._clock.now_s()
        try:
            while True:
                for board in self._boards:
                    readings = self._readings[board.uuid]
                    readings.append(board.read())
                    moved = len(readings) > 1 and readings[-1].energy_mj != readings[-2].energy_mj
                    if moved:  # the next move is as far away as it can be
                        self._note(board, _STATES_S)
                self._cpu_s = time.thread_time()  # the driver keeps a CPU busy while it answers
                if self._clock.wait(self._stop, POLL_S):
                    break
            for board in self._boards:
                self._note(board, 0.0)
        except BoardAbsent as error:
            self._failed = str(error)
        except Exception as error:  # noqa: BLE001 pynvml may be the user's, and raise anything
            self._failed = (
                f"pynvml failed to read the counter ({type(error).__name__}: {error}): "
                "pip install --upgrade nvidia-ml-py"
            )
        finally:
            self._cpu_s = time.thread_time()


def _together(states: Sequence[BoardState]) -> BoardState:
    """The last of a window's ``states`` of one board, with all that any of them told."""

    def every(told: Callable[[BoardState], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for each in states for text in told(each)))

    return replace(
        states[-1],
        throttled=every(lambda each: each.throttled),
        others=every(lambda each: each.others),
        unknown=every(lambda each: each.unknown),
        others_known=all(each.others_known for each in states),
    )
