"""A meter for tests: known power, whole updates, the real clock."""

from __future__ import annotations

import time
from types import TracebackType

from magneton_agent.meters.meter import Absence, Reading, Span
from magneton_agent.schema.meters import BoardState, Domain, DomainPower

HOST = Domain("package-0", "package")
PERIOD_S = 0.001


class SteadyMeter:
    """Reads ``power_w`` of the host, at updates ``period_s`` apart; nothing, because of ``reason``
    where there is one."""

    name = "rapl"

    def __init__(self, power_w: float = 100.0, period_s: float = PERIOD_S) -> None:
        self.covers: tuple[Domain, ...] = (HOST,)
        self.power_w = power_w
        self.period_s: float | None = period_s
        self.error: float | None = None
        self.idle: tuple[DomainPower, ...] = ()
        self.margin_s = 0.0
        self.reason: str | None = None
        self.boards: tuple[BoardState, ...] = ()

    def window(self) -> SteadyWindow:
        return SteadyWindow(self)


class SteadyWindow:
    def __init__(self, meter: SteadyMeter) -> None:
        self._meter, self._start_s, self._ended = meter, 0.0, False

    def __enter__(self) -> SteadyWindow:
        self._start_s = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True

    def reading(self, span: Span | None = None) -> Reading | Absence:
        meter = self._meter
        if meter.reason is not None:
            return Absence(meter.reason, lost=True)
        period_s = meter.period_s or PERIOD_S
        updates = int((time.monotonic() - self._start_s) / period_s)
        if updates < 1:
            return Absence("nothing was read yet")
        boards = meter.boards if self._ended else ()
        return Reading((DomainPower(HOST, meter.power_w, None),), updates * period_s, boards)
