"""One side alone, ``magneton.measurement/1``."""

from __future__ import annotations

from dataclasses import dataclass, field

from .judging import Per, Thresholds
from .result import Breakdown, Finding, OperatorRow, RankRow, Side

MEASUREMENT_SCHEMA = "magneton.measurement/1"


@dataclass(frozen=True)
class Measurement:
    """Where one program's step spends energy; ``side.unmatched_j`` is absent here.

    ``findings`` are about what it does more than once.
    """

    created: str
    magneton_version: str
    side: Side
    breakdown: Breakdown
    schema: str = MEASUREMENT_SCHEMA
    operators: tuple[OperatorRow, ...] | None = field(default=None)
    findings: tuple[Finding, ...] = ()
    thresholds: Thresholds | None = None
    per: Per | None = None
    ranks: tuple[RankRow, ...] = ()
