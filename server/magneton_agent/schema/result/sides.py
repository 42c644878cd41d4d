"""What was run, under which conditions, and where its step's energy and time went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..meters import Domain
from ..quantity import Absent, Figure

SideName = Literal["a", "b"]

_NOT_KEPT = Absent("the version that wrote this result did not keep it")


@dataclass(frozen=True)
class MeterConditions:
    """A meter that was read: how often its figure moves, how long a reading takes, how long a
    load takes to show (s), and the relative error of one window. None is unknown. ``clock`` says
    how an external meter's clock relates to this machine's."""

    name: str
    covers: tuple[Domain, ...]
    period_s: float | None
    call_s: float | None
    lag_s: float | None
    error: float | None
    clock: str | None = None


@dataclass(frozen=True)
class BoardConditions:
    """One board before the first window and after the last one; ``throttled`` and ``others``
    (processes that are not the program's) are all that were seen, ``unknown`` what the board
    does not tell."""

    uuid: str
    name: str
    temperature_before_c: int | None
    temperature_after_c: int | None
    sm_before_mhz: int | None
    sm_after_mhz: int | None
    memory_mhz: int | None
    throttled: tuple[str, ...]
    others: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Conditions:
    """What the figures were taken under."""

    packages: dict[str, str]
    cpu: str
    gpu: str | None
    driver: str | None
    clocks: str | None
    threads: int
    settings: dict[str, str]
    warnings: tuple[str, ...]
    meters: tuple[MeterConditions, ...] = ()
    boards: tuple[BoardConditions, ...] = ()


@dataclass(frozen=True)
class PhaseRow:
    """What the operators of a named part of the step took together."""

    name: str
    energy_j: Figure
    duration_s: Figure
    operators: int


@dataclass(frozen=True)
class BoardEnergy:
    """What one board took of the step's energy."""

    uuid: str
    name: str
    energy_j: Figure


@dataclass(frozen=True)
class Refusal:
    """``operators`` of one name were to be replayed and were not, because of ``reason``."""

    name: str
    operators: int
    reason: str


@dataclass(frozen=True)
class ReplaySummary:
    """Operators whose energy was measured by running them alone: ``unique`` of them stand for
    ``operators`` of the step, which take ``share`` of what its operators do."""

    unique: int
    operators: int
    share: float
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Side:
    """One program: what was run, and where its step's energy (J) and time (s) went.

    ``cpu_s`` is the CPU time of the program and its children, a step; ``replays`` says which
    operators were run alone beside a sensor, None where there was none. ``energy_per_unit_j`` is
    ``energy_j`` for one of what ``--per`` names, None without it. Of several ranks all figures are
    those of the first, but ``ranks_energy_j``, which is the energy of all, and what is divided by
    ``--per``; None of one process.
    """

    target: str
    revision: str | None
    files: dict[str, str]
    python: str
    torch: str
    device: str
    meter: str
    conditions: Conditions
    energy_j: Figure
    duration_s: Figure
    operators: int
    operators_j: Figure
    idle_j: Figure
    host_j: Figure
    unmatched_j: Figure
    residual_j: Figure
    cpu_s: Figure = _NOT_KEPT
    boards: tuple[BoardEnergy, ...] = ()
    replays: ReplaySummary | None = None
    energy_per_unit_j: Figure | None = None
    phases: tuple[PhaseRow, ...] = ()
    ranks_energy_j: Figure | None = None


@dataclass(frozen=True)
class Sides:
    a: Side
    b: Side


@dataclass(frozen=True)
class RankSide:
    """One rank of one side: what its process and its boards took of a step, what of that was
    waiting for other ranks in collectives, and what its operators, idling and host leave over."""

    energy_j: Figure
    duration_s: Figure
    waiting_s: Figure
    waiting_j: Figure
    residual_j: Figure = _NOT_KEPT


@dataclass(frozen=True)
class RankRow:
    """Rank number ``rank`` of both sides, or of the one that was measured."""

    rank: int
    a: RankSide
    b: RankSide | None = None
