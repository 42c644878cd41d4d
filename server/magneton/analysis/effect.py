"""What trying a candidate cause did to the operators of a finding."""

from __future__ import annotations

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
        if self.difference is not None:
            return False
        reaches = self.expected.low / self.ratio.high <= 1 / (1 - threshold)
        most = self.ratio.value**2 >= self.expected.value  # of the difference, in logarithms
        return self.ratio.low > 1 and reaches and most

    @property
    def text(self) -> str:
        """The figures in words."""
        if self.difference is not None:
            return f"the outputs are not known to be equal then ({self.difference})"
        now, low, high = 1 / self.ratio.value, 1 / self.ratio.high, 1 / self.ratio.low
        return (
            f"these operators then take {now:.2f} times the energy ({low:.2f} to {high:.2f}); the "
            f"other side's take {1 / self.expected.value:.2f} times"
        )


def expected(difference: Interval, asked_j: float, held_j: float) -> Interval:
    """What the ratio would be of operators that take ``held_j`` if ``asked_j`` of that fell by
    ``difference``."""
    rest_j = held_j - asked_j
    return Interval(
        *(
            held_j / (rest_j + asked_j / each)
            for each in (difference.value, difference.low, difference.high)
        )
    )
