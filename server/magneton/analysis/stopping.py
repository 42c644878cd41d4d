"""When windows of whole steps have told enough: a clear difference needs few.

Windows are looked at after every fourth, four times. A look decides by an interval that is as wide
as its part of the error rate asks for, so that looking often does not spoil what is decided.
"""

from __future__ import annotations

from collections.abc import Sequence

from .complete import Windows, known, paired
from .spending import error_of_look
from .statistics import CONFIDENCE, Interval, mean_interval, ratio_interval

ERROR = 1 - CONFIDENCE
NARROW = 0.02  # relative half width at which more windows would tell little
_CLEAR = 0.05  # the same, where the difference of two sides is told already
_LOOKS, _EVERY = 4, 4


def within(ratio: Interval, threshold: float) -> bool:
    """Whether a ratio of energies surely differs from 1 by less than ``threshold``."""
    return 1 - threshold <= ratio.low and ratio.high <= 1 / (1 - threshold)


def resolved(ratio: Interval, threshold: float) -> bool:
    """Whether a ratio of energies lies wholly within ``threshold``, or wholly beyond it."""
    apart = ratio.low > 1 / (1 - threshold) or ratio.high < 1 - threshold
    return apart or within(ratio, threshold)


def error_at(windows: int) -> float | None:
    """What a look after ``windows`` may spend of the error rate; None if there is no look then."""
    look, rest = divmod(windows, _EVERY)
    return error_of_look(look - 1, _LOOKS, ERROR) if not rest and 1 <= look <= _LOOKS else None


def enough(windows_j: Sequence[Windows], threshold: float, error: float) -> bool:
    """Whether a look that may spend ``error`` is the last one. ``windows_j`` are the step's
    energies in the windows of every side, taken in turn.

    Of two sides: their ratio is resolved, and each energy known within 5 %; of one: its energy is
    known within 2 %.
    """
    energies_j = [known(each) for each in windows_j]
    if not all(energies_j):
        return False
    if len(energies_j) == 1:
        return mean_interval(energies_j[0], 1 - error).relative_half_width <= NARROW
    ratio = ratio_interval(*paired(*windows_j), 1 - error)
    return resolved(ratio, threshold) and all(
        mean_interval(each).relative_half_width <= _CLEAR for each in energies_j
    )
