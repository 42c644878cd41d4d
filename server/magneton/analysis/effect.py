"""What trying a candidate cause did to the operators of a finding."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .statistics import Interval

_LEFT = 0.2  # of a difference, in logarithms: how far two processes are apart that do the same


@dataclass(frozen=True)
class Effect:
    """``ratio`` is the energy of the operators without over that with the candidate; ``expected``
    is what it would be if the candidate were all of the difference between the sides.
    ``difference`` names the first output that is not the same any more, or says why nobody knows;
    None where all are. ``what`` took the energy, in words."""

    ratio: Interval
    expected: Interval
    difference: str | None
    what: str = "these operators then take"

    def settles(self, threshold: float) -> bool:
        """Whether the candidate is the cause: the outputs stay, and the energy surely falls, by
        most of the difference, to no more than ``threshold``, or a fifth of the difference, above
        the other side's."""
        if not self._known:
            return False
        left = max(1 / (1 - threshold), self.expected.value**_LEFT)
        reaches = self.expected.low / self.ratio.high <= left
        most = self.ratio.value**2 >= self.expected.value  # of the difference, in logarithms
        return self.ratio.low > 1 and reaches and most

    @property
    def may_settle(self) -> bool:
        """Whether it seems worth another pair of processes: the outputs stay, and the energy falls
        by a third of the difference."""
        return self._known and self.ratio.value**3 >= self.expected.value

    @property
    def _known(self) -> bool:
        return self.difference is None and _bounded(self.ratio) and _bounded(self.expected)

    @property
    def text(self) -> str:
        """The figures in words."""
        if self.difference is not None:
            return f"the outputs are not known to be equal then ({self.difference})"
        verb = self.what.rpartition(" ")[2]
        other = f"the other side's {verb} {self.expected.inverse.value:.2f} times"
        if not _bounded(self.expected):
            other = f"what the other side's {verb} is not known"
        return f"{took(self.what, self.ratio)}; {other}"


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
