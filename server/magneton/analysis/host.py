"""Does one side do more beside its operators?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import SideName

from .cost import SideCost
from .statistics import Interval

_CLEARLY = 0.05  # of the side's step, surely


@dataclass(frozen=True)
class HostDifference:
    """The host of side ``wasteful`` takes ``more`` a step, that of the other side ``less``, J."""

    wasteful: SideName
    more: Quantity
    less: Quantity

    @property
    def saving_j(self) -> Quantity:
        """What the wasteful side would save, J a step."""
        more, less = self.more, self.less
        bounds = (more.value - less.value, more.low - less.high, more.high - less.low)
        return Quantity(*bounds, more.source)

    @property
    def ratio(self) -> Interval:
        """The wasteful side's over the other's."""
        return ratio_of(self.more, self.less)

    @property
    def text(self) -> str:
        """Both, in words."""
        other = "b" if self.wasteful == "a" else "a"
        return (
            f"the host of side {self.wasteful} takes {_mj(self.more)} a step and that of side "
            f"{other} {_mj(self.less)}"
        )


def surely_more(a: SideCost, b: SideCost) -> HostDifference | None:
    """The difference where one host surely takes more of a step than the other."""
    x, y = a.host_j, b.host_j
    if not isinstance(x, Quantity) or not isinstance(y, Quantity):
        return None
    found, step_j = (
        (HostDifference("a", x, y), a.energy_j)
        if x.value >= y.value
        else (HostDifference("b", y, x), b.energy_j)
    )
    return found if found.saving_j.low >= _CLEARLY * step_j.value else None


def host_difference(a: SideCost, b: SideCost) -> str | None:
    """What to say where one host surely takes more, and no finding holds that."""
    found = surely_more(a, b)
    if found is None:
        return None
    return (
        f"{found.text}: the programs differ in what they do beside their operators, in their own "
        "code or a library's, and no finding holds that"
    )


def ratio_of(one: Figure, other: Figure) -> Interval:
    """One energy over another, without bounds where they have none."""
    if not isinstance(one, Quantity) or not isinstance(other, Quantity) or other.value <= 0:
        return Interval(math.nan, 0.0, math.inf)
    high = one.high / other.low if other.low > 0 else math.inf
    return Interval(one.value / other.value, max(0.0, one.low) / other.high, high)


def _mj(host_j: Quantity) -> str:
    return f"{host_j.value * 1e3:.3g} mJ"
