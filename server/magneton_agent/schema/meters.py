"""What a meter covers and how it has been calibrated, and what a board says of its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DomainKind = Literal["board", "package", "memory", "external"]


@dataclass(frozen=True)
class Domain:
    """A part of the machine whose energy is counted apart: ``GPU-<uuid>``, ``package-0``,
    ``package-0/dram``."""

    name: str
    kind: DomainKind


@dataclass(frozen=True)
class DomainEnergy:
    """``energy_j``: joules a step that one domain took."""

    domain: Domain
    energy_j: float


@dataclass(frozen=True)
class DomainPower:
    """Mean power of one domain in W; ``error`` is its relative standard error, None where there
    is too little to tell it from."""

    domain: Domain
    power_w: float
    error: float | None


@dataclass(frozen=True)
class MeterFacts:
    """One meter as it was calibrated when the session started.

    ``period_s`` is how often its figure moves, ``call_s`` how long one reading takes, ``lag_s``
    how long a load takes to show, ``settling_s`` until it alone shows,
    ``error`` the relative error of one window. None is unknown.
    ``idle`` is the power of each domain with nothing submitted, () where it was not read.
    ``clock`` says how an external meter's clock relates to this machine's.
    """

    name: str
    covers: tuple[Domain, ...]
    period_s: float | None
    call_s: float | None
    lag_s: float | None
    error: float | None
    idle: tuple[DomainPower, ...]
    clock: str | None = None
    settling_s: float | None = None


@dataclass(frozen=True)
class MissingMeter:
    """A meter that cannot be read here, because of ``reason``."""

    name: str
    reason: str


@dataclass(frozen=True)
class BoardState:
    """What a board said of itself at one moment. None and ``unknown`` are what it did not tell.

    ``throttled`` are the reasons for which its clocks are held down, ``others`` the processes on
    it that are not of this program, as far as ``others_known``. ``counter_w`` and ``instant_w``
    are the mean power of the window just measured, by the energy counter and by the instant power.
    """

    uuid: str
    name: str
    temperature_c: int | None
    sm_mhz: int | None
    memory_mhz: int | None
    throttled: tuple[str, ...]
    others: tuple[str, ...]
    unknown: tuple[str, ...]
    counter_w: float | None = None
    instant_w: float | None = None
    others_known: bool = True
