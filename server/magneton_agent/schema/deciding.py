"""Which finding of a comparison its verdict has its word and its side from."""

from __future__ import annotations

from collections.abc import Sequence

from .judging import Thresholds
from .quantity import Quantity
from .result import Comparison, Finding, SideName


def decided_by(result: Comparison) -> Finding | None:
    """As :func:`deciding`, of a result, which need not say what it was judged by."""
    return deciding(result.findings, (result.thresholds or Thresholds()).energy)


def deciding(findings: Sequence[Finding], threshold: float) -> Finding | None:
    """The finding that saves most of those that tell of a difference between the sides; None
    without such.

    Work that only one side repeats, or at a cost that is surely higher by more than ``threshold``,
    is a difference between them; other repeated work is not.
    """
    between = [each for each in findings if each.regions]
    repeated = [each for each in findings if not each.regions]
    told = findings if _one_sided(repeated, threshold) else between
    return max(told, key=_saving_j, default=None)


def _one_sided(repeated: Sequence[Finding], threshold: float) -> bool:
    (a_low, a_high), (b_low, b_high) = (_saved(side, repeated) for side in ("a", "b"))
    beyond = 1 / (1 - threshold)
    return a_low > b_high * beyond or b_low > a_high * beyond


def _saving_j(finding: Finding) -> float:
    return finding.saving_j.value if isinstance(finding.saving_j, Quantity) else 0.0


def _saved(side: SideName, findings: Sequence[Finding]) -> tuple[float, float]:
    """Bounds of what a side could save, J a step."""
    savings = [each.saving_j for each in findings if each.wasteful_side == side]
    known = [each for each in savings if isinstance(each, Quantity)]
    return sum(each.low for each in known), sum(each.high for each in known)
