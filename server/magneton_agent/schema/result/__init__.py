"""The result file, ``magneton.comparison/1`` (design: The result).

A field whose JSON name is a Python keyword carries a trailing underscore here (``class_``).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..judging import Per, Resolvable, Thresholds
from ..quantity import Absent
from .findings import (
    Candidate,
    Category,
    Cause,
    CauseKind,
    Class,
    Edit,
    Evidence,
    Finding,
    Fix,
    Outputs,
    Region,
    RegionSide,
    Verdict,
)
from .rows import Breakdown, Breakdowns, Instance, KernelRow, OperatorRow, OperatorRows, Row
from .sides import (
    BoardConditions,
    BoardEnergy,
    Conditions,
    MeterConditions,
    PhaseRow,
    RankRow,
    RankSide,
    Refusal,
    ReplaySummary,
    Side,
    SideName,
    Sides,
)

COMPARISON_SCHEMA = "magneton.comparison/1"


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
    operators: OperatorRows | None = None
    thresholds: Thresholds | None = None
    resolvable: Resolvable | Absent | None = None
    per: Per | None = None
    ranks: tuple[RankRow, ...] = ()


__all__ = [
    "COMPARISON_SCHEMA",
    "BoardConditions",
    "BoardEnergy",
    "Breakdown",
    "Breakdowns",
    "Candidate",
    "Category",
    "Cause",
    "CauseKind",
    "Class",
    "Comparison",
    "Conditions",
    "Edit",
    "Evidence",
    "Finding",
    "Fix",
    "Instance",
    "KernelRow",
    "MeterConditions",
    "OperatorRow",
    "OperatorRows",
    "Outputs",
    "PhaseRow",
    "RankRow",
    "RankSide",
    "Refusal",
    "Region",
    "RegionSide",
    "ReplaySummary",
    "Row",
    "Side",
    "SideName",
    "Sides",
    "Verdict",
]
