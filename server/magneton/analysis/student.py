"""Quantiles of Student's t distribution."""

from __future__ import annotations

import functools
import math

_PRECISION = 1e-12
_SMALLEST = 1e-300  # keeps a continued fraction's parts from being 0


@functools.cache
def quantile(confidence: float, freedom: int) -> float:
    """The half width, in standard errors, of a two-sided interval with ``freedom`` degrees of
    freedom: ``quantile(0.95, 9)`` is 2.262.

    Infinite where ``confidence`` is so near 1 that no float tells.
    """
    outside = 1 - confidence
    if outside <= 0:
        return math.inf
    high = 1.0
    while _outside(high, freedom) > outside:
        high *= 2
    low = 0.0
    while high - low > _PRECISION * high:
        middle = (low + high) / 2
        if _outside(middle, freedom) > outside:
            low = middle
        else:
            high = middle
    return high


def _outside(t: float, freedom: int) -> float:
    """The chance of a value beyond ``t`` on either side: the regularised incomplete beta function
    I_x(freedom / 2, 1 / 2) at x = freedom / (freedom + t²)."""
    a, b, x = freedom / 2, 0.5, freedom / (freedom + t * t)
    front = math.exp(
        math.lgamma(a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + a * math.log(x)
        + (b * math.log1p(-x) if x < 1 else -math.inf)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for part in (even, odd):
            d = 1 / _nonzero(1 + part * d)
            c = _nonzero(1 + part / c)
            change = c * d
            found *= change
        if abs(change - 1) < _PRECISION:
            break
    return found


def _nonzero(value: float) -> float:
    return value if abs(value) > _SMALLEST else _SMALLEST
