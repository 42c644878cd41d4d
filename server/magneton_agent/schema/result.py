"""The result file, ``magneton.comparison/1`` (design: The result).

A field whose JSON name is a Python keyword carries a trailing underscore here (``class_``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .judging import Per, Resolvable, Thresholds
from .location import Location
from .meters import Domain
from .quantity import Absent, Figure

COMPARISON_SCHEMA = "magneton.comparison/1"
Verdict = Literal["waste", "performance", "trade-off", "equal", "unresolved", "different"]
Class = Literal["waste", "performance", "trade-off", "equal", "unresolved", "different"]
Category = Literal["misconfiguration", "api-misuse", "redundant"]
SideName = Literal["a", "b"]
CauseKind = Literal[
    "setting", "argument", "call", "redundant", "layout", "dtype", "synchronisation", "version"
]
Phase = Literal["forward", "backward", "optimizer"]
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
    ``energy_j`` for one of what ``--per`` names, None without it.
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
class KernelRow:
    """A kernel that was launched on a GPU ``launches`` times; ``share`` is its part of the GPU time
    of all kernels that it is listed with, in one step that was profiled."""

    name: str
    launches: int
    share: float

    @property
    def text(self) -> str:
        """``gemm ×12 (80 %)``; of a single launch no count."""
        times = f" ×{self.launches}" if self.launches > 1 else ""
        return f"{self.name}{times} ({self.share * 100:.0f} %)"


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
class Instance:
    """One time that a source expression ran; ``label`` is its module's path, else its number."""

    label: str
    operators: int
    energy_j: Figure
    duration_s: Figure


@dataclass(frozen=True)
class Finding:
    """Regions that differ in energy for one reason, or work that one side repeats (``redundant``).

    Repeated work has no regions but ``instances``, the superfluous times; ``count`` is then how
    often it ran, the first time too.
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


@dataclass(frozen=True)
class OperatorRow:
    """One operator instance, in execution order (``--detail operators``)."""

    id: int
    name: str
    phase: Phase
    module: str
    location: Location | None
    duration_s: Figure
    energy_j: Figure
    region: str | None


@dataclass(frozen=True)
class Row:
    """Energy and time of all operators that share ``label`` (a module, a function, a range).

    ``count`` is how often that ran in the step, None in results that do not tell; ``instances``
    are the costliest times, in execution order, none of what ran once.
    """

    label: str
    location: Location | None
    operators: int
    energy_j: Figure
    duration_s: Figure
    share: float
    count: int | None = None
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True)
class Breakdown:
    """One side's energy by source range, function and module, largest first; its GPU time by
    kernel."""

    by_range: tuple[Row, ...]
    by_function: tuple[Row, ...]
    by_module: tuple[Row, ...]
    by_kernel: tuple[KernelRow, ...] = ()


@dataclass(frozen=True)
class Sides:
    a: Side
    b: Side


@dataclass(frozen=True)
class Breakdowns:
    a: Breakdown
    b: Breakdown


@dataclass(frozen=True)
class OperatorRows:
    a: tuple[OperatorRow, ...]
    b: tuple[OperatorRow, ...]


@dataclass(frozen=True)
class RankSide:
    """One rank of one side: what its process and its boards took of a step, and what of that was
    waiting for other ranks in collectives."""

    energy_j: Figure
    duration_s: Figure
    waiting_s: Figure
    waiting_j: Figure


@dataclass(frozen=True)
class RankRow:
    """Rank number ``rank`` of both sides, or of the one that was measured."""

    rank: int
    a: RankSide
    b: RankSide | None = None


@dataclass(frozen=True)
class Comparison:
    """``magneton.comparison/1``. What older versions did not write is None."""

    created: str
    magneton_version: str
    sides: Sides
    outputs: Outputs
    verdict: Verdict
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    breakdowns: Breakdowns
    schema: str = COMPARISON_SCHEMA
    operators: OperatorRows | None = field(default=None)
    thresholds: Thresholds | None = None
    resolvable: Resolvable | Absent | None = None
    per: Per | None = None
    ranks: tuple[RankRow, ...] = ()
