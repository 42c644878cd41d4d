"""What trying a candidate cause did to the operators of a finding."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .statistics import Interval


@dataclass(frozen=True)
class Effect:
    """``ratio`` is the energy of the operators without over that with the candidate; ``expected``
    is what it would be if the candidate were all of the difference between the sides.
    ``difference`` names the first output that is not the same any more, or says why nobody knows;
    None where all are."""

    ratio: Interval
    expected: Interval
    difference: str | None

    def settles(self, threshold: float) -> bool:
        """Whether the candidate is the cause: the outputs stay, and the energy surely falls, by
        most of the difference, to no more than ``threshold`` above the other side's."""
        if self.difference is not None or not (_bounded(self.ratio) and _bounded(self.expected)):
            return False
        reaches = self.expected.low / self.ratio.high <= 1 / (1 - threshold)
        most = self.ratio.value**2 >= self.expected.value  # of the difference, in logarithms
        return self.ratio.low > 1 and reaches and most

    @property
    def text(self) -> str:
        """The figures in words."""
        if self.difference is not None:
            return f"the outputs are not known to be equal then ({self.difference})"
        other = f"the other side's take {self.expected.inverse.value:.2f} times"
        if not _bounded(self.expected):
            other = "what the other side's take is not known"
        return f"{took('these operators then take', self.ratio)}; {other}"


def took(what: str, ratio: Interval) -> str:
    """What is left with a change, in words that begin with ``what``; ``ratio`` is the energy
    without over that with it."""
    if not _bounded(ratio):
        return f"{what} an unknown part of the energy (too few blocks count, or they are too short)"
    now = ratio.inverse
    return f"{what} {now.value:.2f} times the energy ({now.low:.2f} to {now.high:.2f})"


def _bounded(ratio: Interval) -> bool:
    return ratio.low > 0 and math.isfinite(ratio.high)


def expected(difference: Interval, asked_j: float, held_j: float) -> Interval:
    """What the ratio would be of operators that take ``held_j`` if ``asked_j`` of that fell by
    ``difference``."""
    if not held_j:
        return Interval(math.nan, 0.0, math.inf)
    rest_j = held_j - asked_j
    return Interval(
        *(
            held_j / (rest_j + asked_j / each)
            for each in (difference.value, difference.low, difference.high)
        )
    )
