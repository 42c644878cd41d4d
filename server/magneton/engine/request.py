"""What can be asked of the engine, and what it says while it works."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.judging import Per, Thresholds

_PER = re.compile(r"([A-Za-z][\w-]*)=(\S+)")
PhaseName = Literal["load", "check", "record", "measure", "time", "match", "diagnose"]
MeterName = Literal["auto", "nvml", "rapl", "model", "csv"]


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
    """``time_budget_s`` bounds the measuring, not what follows it; ``timeout_s`` any single
    answer of a worker. ``record_masks`` replays random results of side a in side b. ``threshold``,
    ``time_threshold`` and ``smallest_share`` are the :class:`Thresholds`; ``power_log`` is the file
    of meter ``csv``. With ``nproc`` above 1 each side is launched as so many ranks; the answers of
    the first stand for it. ``fix``: try what would put the causes of findings right."""

    threshold: float = Thresholds.energy
    meter: MeterName = "auto"
    device: str = "auto"
    step: str | None = None
    time_budget_s: float = 60.0
    timeout_s: float = 300.0
    detail_operators: bool = False
    seed: int = 0
    record_masks: bool = False
    time_threshold: float = Thresholds.time
    smallest_share: float = Thresholds.region
    per: Per | None = None
    power_log: str | None = None
    nproc: int = 1
    fix: bool = False

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.threshold, self.time_threshold, self.smallest_share)


@dataclass(frozen=True)
class CompareRequest:
    """``workspace`` is the absolute folder that user code lives in and targets are relative to."""

    workspace: str
    a: SideRequest
    b: SideRequest
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class MeasureRequest:
    """Side a alone. ``parameters`` are names that its target must be able to take."""

    workspace: str
    a: SideRequest
    options: Options = field(default_factory=Options)
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeclaredKnob:
    """A parameter of the target and the values, as literals, that it is to be tried with."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class WhatIfRequest:
    """Side a under the knobs that can apply to it, and under ``knobs`` of its own."""

    workspace: str
    a: SideRequest
    options: Options = field(default_factory=Options)
    knobs: tuple[DeclaredKnob, ...] = ()


@dataclass(frozen=True)
class Progress:
    """``fraction`` (0 to 1) is of the whole job; ``message`` says what is being done."""

    phase: PhaseName
    fraction: float
    message: str


OnProgress = Callable[[Progress], None]


def per_of(text: str) -> Per:
    """``tokens=512`` as what a step does.

    Raises:
        MagnetonError: it names no unit, or a number that nothing can be divided by.
    """
    remedy = "write a name and how many of it one step does, such as tokens=512 or samples=32"
    found = _PER.fullmatch(text)
    if found is None:
        raise MagnetonError(f"'{text}' is no unit", "it is not of the form NAME=NUMBER", remedy)
    unit, number = found.groups()
    try:
        count = float(number)
    except ValueError:
        count = math.nan
    if not 0 < count < math.inf:
        raise MagnetonError(
            f"'{text}' is no unit", f"{number} is not a finite number above 0", remedy
        )
    return Per(unit, count)
