"""Typical values, means, ratios and their intervals, from blocks of repeated measurements.

A block is the observation: steps within a block share the machine's mood, blocks less so. All
intervals are Student's t on what is left when a drift has been taken out, because that is no doubt
about the mean over the run. docs/energy.md has the method and what was tried on it.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity, Source

from .student import quantile

CONFIDENCE = 0.95
_TRIMMED = 0.2  # of the samples, at either end
_FEWEST = 4  # a drift and a spread cannot be told apart from less
_FAR = 3.0  # quartile ranges


@dataclass(frozen=True)
class Interval:
    """An estimate between two bounds."""

    value: float
    low: float
    high: float

    def quantity(self, source: Source) -> Quantity:
        """The same as a figure from ``source``."""
        return Quantity(self.value, self.low, self.high, source)

    def bounded(self) -> Interval:
        """The same cut to what can be: a single sample bounds nothing, but 0 and twice do."""
        high = self.high if math.isfinite(self.high) else 2 * self.value
        return Interval(self.value, max(0.0, self.low), high)

    @property
    def inverse(self) -> Interval:
        """That of 1 / x, for an x that is not below 0."""
        turned = (self.value, self.high, self.low)
        return Interval(*(1 / each if each else math.inf for each in turned))

    @property
    def relative_half_width(self) -> float:
        """Half of the interval over the estimate; infinite for an estimate of 0."""
        return (self.high - self.low) / 2 / abs(self.value) if self.value else math.inf


def typical_interval(samples: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The 20 % trimmed mean of ``samples``, in the order in which they were taken.

    For times, which something else on the machine may lengthen at any moment: what lies outside
    counts by its rank, not by its size, in the estimate and in its error (Tukey and McLaughlin's
    winsorised t). Unbounded with fewer than four samples.
    """
    return _trimmed(_without(samples, _steady_drift(samples)), confidence)


def mean_interval(samples: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The mean of ``samples``, in the order in which they were taken; every one counts in full.

    For what a sensor read: a sensor that looks only now and then is right on average, and what it
    seldom sees must not be taken for a disturbance. The error is from the differences of
    neighbours (von Neumann), in which a drift of any smooth form is small. Unbounded with fewer
    than four samples.
    """
    count, mean = len(samples), _mean(samples)
    if count < _FEWEST:
        return Interval(mean, -math.inf, math.inf)
    rest = _without(samples, _steady_drift(samples))
    squares = math.fsum((after - before) ** 2 for before, after in itertools.pairwise(rest))
    error = math.sqrt(squares / (2 * (count - 2)) / count)
    freedom = 2 * (count - 1) ** 2 // (3 * count - 4)  # of a mean of overlapping differences
    return _around(mean, error, freedom, confidence)


def ratio_interval(
    a: Sequence[float], b: Sequence[float], confidence: float = CONFIDENCE
) -> Interval:
    """Typical ratio a / b of paired blocks, on logarithms so that a / b and b / a agree.

    Block k of ``a`` was taken next to block k of ``b``, in the order A B, B A, A B, …: a drift
    raises the ratio of one order as it lowers that of the other, and is taken out. Without blocks,
    or where one is not above 0, there is no ratio: NaN, from 0 to infinity.
    """
    if not a or not all(each > 0 for each in (*a, *b)):
        return Interval(math.nan, 0.0, math.inf)
    logs = [math.log(x / y) for x, y in zip(a, b, strict=True)]
    found = _trimmed(_without(logs, _order_effect(logs)), confidence)
    return Interval(_exp(found.value), _exp(found.low), _exp(found.high))


def share_of(part: Quantity, whole: Quantity) -> Quantity:
    """``part / whole`` with the doubts of both, which are independent, on logarithms: what is
    surely above 0 stays so. ``whole`` is above 0; the source is that of ``part``."""
    share = part.value / whole.value
    below = math.hypot(_log(part.value, part.low), _log(whole.high, whole.value))
    above = math.hypot(_log(part.high, part.value), _log(whole.value, whole.low))
    found = Interval(share, share * _exp(-below), share * _exp(above))
    return found.bounded().quantity(part.source)


def part_of(share: Interval, whole: Quantity) -> Interval:
    """``share`` times ``whole``, which is above 0, with the doubts of both, which are independent.
    A ``share`` may lie below 0."""
    value = share.value * whole.value
    less, more = whole.value - whole.low, whole.high - whole.value
    if share.value < 0:
        less, more = more, less
    below = math.hypot((share.value - share.low) * whole.value, share.value * less)
    above = math.hypot((share.high - share.value) * whole.value, share.value * more)
    return Interval(value, value - below, value + above)


def far_outside(samples: Sequence[float]) -> tuple[float, ...]:
    """Those of ``samples`` that lie more than three quartile ranges outside of the quartiles."""
    if len(samples) < _FEWEST:
        return ()
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    margin = _FAR * (high - low)
    return tuple(each for each in samples if not low - margin <= each <= high + margin)


def _trimmed(samples: Sequence[float], confidence: float) -> Interval:
    """The trimmed mean with its winsorised t; a degree of freedom went into a drift that has been
    taken out."""
    ordered, cut = sorted(samples), int(_TRIMMED * len(samples))
    kept = ordered[cut : len(ordered) - cut]
    middle = _mean(kept)
    if len(samples) < _FEWEST:
        return Interval(middle, -math.inf, math.inf)
    winsorised = [kept[0]] * cut + kept + [kept[-1]] * cut
    centre = _mean(winsorised)
    squares = math.fsum((each - centre) ** 2 for each in winsorised)
    freedom = len(kept) - 2
    return _around(middle, math.sqrt(squares / (len(kept) * freedom)), freedom, confidence)


def _around(value: float, error: float, freedom: int, confidence: float) -> Interval:
    margin = quantile(confidence, freedom) * error if error else 0.0
    return Interval(value, value - margin, value + margin)


def _mean(samples: Sequence[float]) -> float:
    """Exactly the sample where all are the same."""
    return samples[0] + math.fsum(each - samples[0] for each in samples) / len(samples)


def _without(samples: Sequence[float], effect: Sequence[float]) -> list[float]:
    return [sample - each for sample, each in zip(samples, effect, strict=True)]


def _steady_drift(samples: Sequence[float]) -> list[float]:
    """The drift at every sample, 0 in the middle: the median slope between any two (Theil and
    Sen), which a few disturbed samples cannot tilt."""
    count = len(samples)
    if count < _FEWEST:
        return [0.0] * count
    slope = statistics.median(
        (samples[j] - samples[i]) / (j - i) for i in range(count) for j in range(i + 1, count)
    )
    return [slope * (i - (count - 1) / 2) for i in range(count)]


def _order_effect(logs: Sequence[float]) -> list[float]:
    """What the order of a pair adds to its ratio: to those taken A B, and less to those B A."""
    if len(logs) < _FEWEST:
        return [0.0] * len(logs)
    half = (statistics.median(logs[::2]) - statistics.median(logs[1::2])) / 2
    return [half if number % 2 == 0 else -half for number in range(len(logs))]


def _log(high: float, low: float) -> float:
    """How far ``low`` is below ``high``; endlessly, where it is not above 0."""
    return math.log(high / low) if low > 0 else math.inf


def _exp(exponent: float) -> float:
    return math.exp(exponent) if exponent < 700 else math.inf  # exp(-inf) is 0, exp(inf) overflows
