"""What can be asked of the engine, and what it says while it works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

PhaseName = Literal["load", "check", "record", "measure", "time", "match", "diagnose"]
MeterName = Literal["auto", "nvml", "model"]


@dataclass(frozen=True)
class Checkout:
    """A git revision's files: ``folder`` stands for the workspace in it, ``top`` for the whole
    ``repository``; ``revision`` is the commit's full name."""

    folder: str
    top: str
    repository: str
    revision: str


@dataclass(frozen=True)
class SideRequest:
    """One program: a target (design: A target), its interpreter and its ``sys.argv[1:]``.

    ``checkout`` is filled in while a job runs, where the target names a revision.
    """

    target: str
    python: str
    arguments: tuple[str, ...] = ()
    checkout: Checkout | None = None


@dataclass(frozen=True)
class Options:
    """``time_budget_s`` bounds the measuring; ``timeout_s`` any single answer of a worker.
    ``record_masks`` replays random results of side a in side b."""

    threshold: float = 0.10
    meter: MeterName = "auto"
    device: str = "auto"
    step: str | None = None
    time_budget_s: float = 60.0
    timeout_s: float = 300.0
    detail_operators: bool = False
    seed: int = 0
    record_masks: bool = False


@dataclass(frozen=True)
class CompareRequest:
    """``workspace`` is the absolute folder that user code lives in and targets are relative to."""

    workspace: str
    a: SideRequest
    b: SideRequest
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class MeasureRequest:
    workspace: str
    a: SideRequest
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Progress:
    """``fraction`` (0 to 1) is of the whole job; ``message`` says what is being done."""

    phase: PhaseName
    fraction: float
    message: str


OnProgress = Callable[[Progress], None]
