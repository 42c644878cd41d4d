"""What the language server and a job process say to each other, one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from magneton_agent.schema.examination import Examination
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison
from magneton_agent.schema.what_if import WhatIf

from .request import CompareRequest, MeasureRequest, PhaseName, WhatIfRequest

JobKind = Literal["compare", "measure", "what-if", "doctor"]


@dataclass(frozen=True)
class DoctorRequest:
    """Examine the interpreter at ``python``."""

    python: str


Work = CompareRequest | MeasureRequest | WhatIfRequest | DoctorRequest


@dataclass(frozen=True)
class Job:
    """The only line that a job process is sent; its standard input then stays open for as long
    as the result is wanted."""

    work: Work


@dataclass(frozen=True)
class Advanced:
    """The job is in ``phase``; ``fraction`` (0 to 1) of the whole is done."""

    event: Literal["progress"]
    phase: PhaseName
    fraction: float
    message: str


@dataclass(frozen=True)
class Done:
    """The job's last word. ``path`` is where the result was stored; where it could not be,
    ``warning`` says why and the result is here all the same."""

    event: Literal["done"]
    comparison: Comparison | None = None
    measurement: Measurement | None = None
    what_if: WhatIf | None = None
    examination: Examination | None = None
    path: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class Failed:
    """The job's last word where it could not be done: the fields of a ``MagnetonError``."""

    event: Literal["failed"]
    fact: str
    cause: str
    remedy: str
    exit_status: int
    trace: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """One line from a job process."""

    event: Advanced | Done | Failed


def job_kind(work: Work) -> JobKind:
    match work:
        case CompareRequest():
            return "compare"
        case MeasureRequest():
            return "measure"
        case WhatIfRequest():
            return "what-if"
        case DoctorRequest():
            return "doctor"
