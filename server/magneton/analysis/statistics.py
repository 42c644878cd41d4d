"""Medians, ratios and their intervals, from blocks of repeated measurements.

A block is the observation: steps within a block share the machine's mood, blocks less so.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity, Source

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate between two bounds."""

    value: float
    low: float
    high: float

    def quantity(self, source: Source) -> Quantity:
        """The same as a figure from ``source``."""
        return Quantity(self.value, self.low, self.high, source)

    @property
    def relative_half_width(self) -> float:
        """Half of the interval over the estimate; infinite for an estimate of 0."""
        return (self.high - self.low) / 2 / abs(self.value) if self.value else math.inf


def median_interval(samples: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Median with the interval between two order statistics (the sign test turned around).

    It assumes nothing of the samples' distribution, so that blocks which something else on the
    machine disturbed cannot narrow it. Unbounded where there are too few samples for
    ``confidence``.
    """
    ordered = sorted(samples)
    middle = statistics.median(ordered)
    cut = _order_to_cut(len(ordered), confidence)
    if cut is None:
        return Interval(middle, -math.inf, math.inf)
    return Interval(middle, ordered[cut], ordered[-1 - cut])


def _order_to_cut(samples: int, confidence: float) -> int | None:
    """How many samples may be cut from either end: the largest k with
    2 P(Binomial(samples, 1/2) <= k) <= 1 - confidence."""
    tail, cut = 0.0, -1
    while cut + 1 < samples:
        tail += 2 * math.comb(samples, cut + 1) / 2**samples
        if tail > 1 - confidence:
            break
        cut += 1
    return cut if cut >= 0 else None


def ratio_interval(
    a: Sequence[float], b: Sequence[float], confidence: float = CONFIDENCE
) -> Interval:
    """Ratio a / b of paired blocks, estimated on logarithms so that a / b and b / a agree.

    Block k of ``a`` was taken next to block k of ``b``. Without blocks, or where one is not
    above 0, there is no ratio: NaN, from 0 to infinity.
    """
    if not a or not all(each > 0 for each in (*a, *b)):
        return Interval(math.nan, 0.0, math.inf)
    logs = [math.log(x / y) for x, y in zip(a, b, strict=True)]
    found = median_interval(logs, confidence)
    return Interval(_exp(found.value), _exp(found.low), _exp(found.high))


def _exp(exponent: float) -> float:
    return math.exp(exponent) if exponent < 700 else math.inf  # exp(-inf) is 0, exp(inf) overflows
