"""Does one side do more beside its operators, where nothing else is found?"""

from __future__ import annotations

from magneton_agent.schema.quantity import Quantity

from .cost import SideCost

_CLEARLY = 0.05  # of the side's step, surely


def host_difference(a: SideCost, b: SideCost) -> str | None:
    """What to say where one host surely takes more of a step than the other: no region holds it,
    so that no finding can."""
    x, y = a.host_j, b.host_j
    if not isinstance(x, Quantity) or not isinstance(y, Quantity):
        return None
    more, less, name, other, step_j = (
        (x, y, "a", "b", a.energy_j) if x.value >= y.value else (y, x, "b", "a", b.energy_j)
    )
    if more.low - less.high < _CLEARLY * step_j.value:
        return None
    return (
        f"the host of side {name} takes {_mj(more)} a step and that of side {other} {_mj(less)}: "
        "the programs differ in what they do beside their operators, in their own code or a "
        "library's, and no finding holds that"
    )


def _mj(host_j: Quantity) -> str:
    return f"{host_j.value * 1e3:.3g} mJ"
