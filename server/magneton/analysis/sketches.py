"""When do two sketches tell of the same values: features, noise model, buckets.

Errors are judged relative to the tensor's root mean square, never to the feature itself: a mean
of 1e-9 beside a mean of 2e-9 is rounding, not a difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from magneton_agent.schema.recording import NonFinite, Sketch, ValueKind

TINY_ELEMENTS = 8


class Features(NamedTuple):
    """What is compared: moments per element, in the tensor's own unit, and the extremes.

    ``rms`` = sqrt(mean of x**2); ``cube`` and ``fourth`` are means of x**3 and x**4. Where
    ``nonfinite`` says how many elements are NaN or infinite, they are those of the others.
    """

    elements: int
    kind: ValueKind
    mean: float
    absolute: float
    rms: float
    cube: float
    fourth: float
    low: float
    high: float
    nonfinite: NonFinite | None = None


@dataclass(frozen=True)
class Tolerance:
    """Allowed differences: of mean, mean absolute value and rms in units of the rms; of the
    higher moments relative to their largest possible size; of the extremes relative to
    themselves or the rms, whichever is larger."""

    moment: float
    higher: float
    extreme: float


# Integers and booleans: only the order of summation may differ.
EXACT = Tolerance(moment=1e-12, higher=1e-11, extreme=0.0)
# float32 against float32: over 12 layers equal values were within 2e-7 (extremes 5e-7). With 1 % of
# the elements changed by 0.1 rms, 0 of 4,500 pairs agreed; at 1e-4 throughout, 590 did.
CLOSE = Tolerance(moment=1e-5, higher=2e-5, extreme=5e-5)
# Gradients and what an optimizer makes of them: differences cancel, so rounding weighs more.
DRIFTED = Tolerance(moment=4e-5, higher=1e-4, extreme=2e-4)
# The same stored tensor in float32 and in a 16-bit type: one rounding an element averages out.
ROUNDED = Tolerance(moment=2e-4, higher=2e-3, extreme=8e-3)
# Computed in a 16-bit type on one side: 12 layers gave 2e-3, 1.6e-2 and 2.3e-2.
REDUCED = Tolerance(moment=4e-3, higher=3e-2, extreme=4e-2)
# What these allow is not evidence enough by itself.
CONTEXTUAL = (DRIFTED, REDUCED)


def features(sketch: Sketch | None, kind: ValueKind) -> Features | None:
    """The features of ``sketch``, or None where it says nothing (absent, empty, nothing but NaN,
    sums that are infinite though no element is)."""
    if sketch is None or sketch.elements == 0:
        return None
    n = sketch.elements
    if not sketch.finite:
        if sketch.nonfinite is None or sketch.nonfinite.nan == n:
            return None
        n = max(1, n - sketch.nonfinite.elements)
    return Features(
        sketch.elements,
        kind,
        sketch.total / n,
        sketch.absolute / n,
        math.sqrt(sketch.square / n),
        sketch.cube / n,
        sketch.fourth / n,
        sketch.low,
        sketch.high,
        sketch.nonfinite,
    )


def is_distinctive(found: Features) -> bool:
    """Whether equal features alone are evidence: constants, tiny tensors, masks and what holds
    infinities or NaN coincide too often."""
    return found.elements >= TINY_ELEMENTS and is_varied(found)


def is_varied(found: Features) -> bool:
    """Whether the tensor is neither a constant nor a mask (0 and one other number, or infinities).
    Of a mask one count says all, and that of a random one is soon met again."""
    low, high = found.low, found.high
    if found.nonfinite is not None:
        return False
    if low and high:
        return low != high
    # x**2 - (low + high) x is 0 at both extremes, and of one sign between them.
    between = found.rms**2 - (low + high) * found.mean
    return abs(between) > 1e-4 * (high - low) ** 2


def agree(a: Features, b: Features, tolerance: Tolerance) -> bool:
    """Whether ``a`` and ``b`` may be sketches of the same values, in whatever order and layout."""
    elements_a, kind_a, mean_a, absolute_a, rms_a, cube_a, fourth_a, low_a, high_a, other_a = a
    elements_b, kind_b, mean_b, absolute_b, rms_b, cube_b, fourth_b, low_b, high_b, other_b = b
    if elements_a != elements_b or kind_a != kind_b or other_a != other_b:
        return False
    rms = max(rms_a, rms_b)
    fourth = max(fourth_a, fourth_b)
    moment, higher, extreme = tolerance.moment * rms, tolerance.higher, tolerance.extreme
    return (
        abs(rms_a - rms_b) <= moment
        and abs(mean_a - mean_b) <= moment
        and abs(absolute_a - absolute_b) <= moment
        and abs(fourth_a - fourth_b) <= higher * fourth
        # Cauchy-Schwarz: the mean of |x**3| is at most sqrt(mean x**2 * mean x**4).
        and abs(cube_a - cube_b) <= higher * rms * math.sqrt(fourth)
        and abs(low_a - low_b) <= extreme * max(rms, abs(low_a), abs(low_b))
        and abs(high_a - high_b) <= extreme * max(rms, abs(high_a), abs(high_b))
    )


def bucket(found: Features, tolerance: Tolerance) -> int:
    """Features that agree lie in the same bucket or in neighbouring ones."""
    if found.rms == 0.0:
        return 0
    return math.floor(math.log(found.rms) / (4 * tolerance.moment))
