"""Recording one step; measuring whole steps, timing every operator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from ..meters import BoardState, DomainEnergy
from .outputs import Masks


@dataclass(frozen=True)
class Record:
    """Run one step with values."""

    masks: Masks | None = None


@dataclass(frozen=True)
class Measure:
    """Run ``steps`` whole steps untraced, at least ``window_s`` seconds of them."""

    steps: int
    window_s: float


@dataclass(frozen=True)
class Sample:
    """One window of ``steps`` measured steps, from ``started_s`` to ``ended_s`` of the monotonic
    clock; time and energy are those of one step.

    ``cpu_s`` is the CPU time of the worker and its children. ``energies`` is what each domain
    took that the side's meter covers, ``energy_j`` their sum; None where no sensor answered.

    ``gaps_s`` is the time between the window's steps, all together. ``between_j`` is the part of
    ``energy_j`` that is the step's only if the device drew no more than its idle power in them.
    """

    steps: int
    duration_s: float
    cpu_s: float
    energy_j: float | None
    energies: tuple[DomainEnergy, ...] = ()
    started_s: float = 0.0
    ended_s: float = 0.0
    gaps_s: float = 0.0
    between_j: float = 0.0


@dataclass(frozen=True)
class Measured:
    """``boards`` is their state right after the window."""

    samples: tuple[Sample, ...]
    warnings: tuple[str, ...]
    boards: tuple[BoardState, ...] = ()


@dataclass(frozen=True)
class Time:
    """Run ``steps`` steps, timing every operator.

    ``names`` is the :func:`names_digest` of the recording: a step that runs other operators is
    dropped.
    """

    steps: int
    names: str


@dataclass(frozen=True)
class StepTiming:
    """One timing-only step: per operator wall and CPU seconds, and those between operators."""

    duration_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    between_s: float
    between_cpu_s: float


@dataclass(frozen=True)
class Timed:
    """``steps`` whose operators were those of the recording; ``dropped`` did others."""

    steps: tuple[StepTiming, ...]
    dropped: int


def names_digest(names: Iterable[str]) -> str:
    """A digest of operator names in order: equal where two steps ran the same operators."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
