"""What every meter is: something that says how much power its domains drew in a window."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from ..schema.meters import BoardState, Domain, DomainPower


@dataclass(frozen=True)
class Reading:
    """Mean power of every domain that a meter covers, over ``duration_s`` of the window;
    ``boards`` is how boards were within it, ``cpu_s`` the CPU time that reading took."""

    powers: tuple[DomainPower, ...]
    duration_s: float
    boards: tuple[BoardState, ...] = ()
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Absence:
    """No reading, because of ``reason``; none will follow where the meter is ``lost``. Looking for
    one has taken ``cpu_s`` of CPU time all the same."""

    reason: str
    lost: bool = False
    cpu_s: float = field(default=0.0, compare=False)


@dataclass(frozen=True)
class Span:
    """A stretch of time by the performance counter."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


class Window(Protocol):
    """A stretch of time that is being measured while the context is entered."""

    def __enter__(self) -> Window: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def reading(self, span: Span | None = None) -> Reading | Absence:
        """What has been read so far, all of it once the context has been left; of ``span`` within
        it, where the meter can tell that apart."""


class Meter(Protocol):
    """Reads the energy of ``covers``. Boards are read at whole ticks of their counters."""

    @property
    def name(self) -> str:
        """``nvml`` or ``rapl``."""

    @property
    def covers(self) -> tuple[Domain, ...]: ...

    @property
    def period_s(self) -> float | None:
        """How often the figure moves, as calibrated here; None if that is not known."""

    @property
    def error(self) -> float | None:
        """Relative error of one window, as calibrated here; None if that is not known."""

    @property
    def idle(self) -> tuple[DomainPower, ...]:
        """The power of each domain with nothing submitted, as far as it was read."""

    @property
    def margin_s(self) -> float:
        """For how long before and after a span the same must go on, so that its edges are told."""

    def window(self) -> Window:
        """A window to enter."""
