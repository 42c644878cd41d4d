"""Parts that compute the same, and what differs between them for one reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..location import Location
from ..quantity import Figure
from .rows import Instance, KernelRow
from .sides import SideName

Verdict = Literal["waste", "performance", "trade-off", "equal", "unresolved", "different"]
Class = Literal["waste", "performance", "trade-off", "equal", "unresolved", "different"]
Category = Literal["misconfiguration", "api-misuse", "redundant"]
CauseKind = Literal[
    "setting", "argument", "call", "redundant", "layout", "dtype", "synchronisation", "version"
]


@dataclass(frozen=True)
class Outputs:
    """Whether the two steps returned the same values.

    ``first_difference`` names the first output that differs ("output 0: shape (2, 3) against
    (2, 4)") or says why they could not be compared; None where they agree.
    """

    compared: Literal["outputs", "parameters", "none"]
    equal: bool | None
    max_relative_error: float | None
    first_difference: str | None = None


@dataclass(frozen=True)
class RegionSide:
    """``kernels`` are what its operators launched on a GPU, longest first."""

    operators: tuple[str, ...]
    energy_j: Figure
    duration_s: Figure
    location: Location | None
    kernels: tuple[KernelRow, ...] = ()


@dataclass(frozen=True)
class Region:
    """Two operator sets between matched tensors, which compute the same thing."""

    id: str
    class_: Class
    a: RegionSide
    b: RegionSide


@dataclass(frozen=True)
class Cause:
    """The deciding variable, and where a developer can change it."""

    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
    location: Location | None
    confirmed: bool


@dataclass(frozen=True)
class Evidence:
    kind: str
    text: str
    location: Location | None


@dataclass(frozen=True)
class Candidate:
    name: str
    rejected_because: str


@dataclass(frozen=True)
class Edit:
    location: Location
    text: str


@dataclass(frozen=True)
class Fix:
    title: str
    edits: tuple[Edit, ...]
    tried: bool
    saving_j: Figure


@dataclass(frozen=True)
class Finding:
    """Regions that differ in energy for one reason, or work that one side repeats (``redundant``).

    Repeated work has no regions but ``instances``, the superfluous times; ``count`` is then how
    often it ran, the first time too. What makes one side repeat work and regions cost more has
    both.
    ``saving_ratio`` is the share of the wasteful side's *step* energy that would be saved;
    ``saving_j`` the same in joules a step. ``location`` is the innermost user range of the
    wasteful side, ``counterpart`` the other side's; ``call_path`` runs from the user's frame
    inwards and includes library frames.
    """

    id: str
    class_: Class
    category: Category | None
    regions: tuple[str, ...]
    count: int
    wasteful_side: SideName
    saving_j: Figure
    saving_ratio: Figure
    location: Location | None
    counterpart: Location | None
    call_path: tuple[Location, ...]
    cause: Cause | None
    evidence: tuple[Evidence, ...]
    candidates: tuple[Candidate, ...]
    message: str
    remedy: str | None
    fix: Fix | None
    instances: tuple[Instance, ...] = ()
