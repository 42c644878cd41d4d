"""A side that does more beside its operators."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import SideCost
from magneton.analysis.host import host_difference
from magneton_agent.schema.quantity import Absent, Quantity
from tests.analysis.steps import blocks, cost, exact


def side(host_j: float, spread: float = 0.01) -> SideCost:
    """A step of 0.2 J."""
    found = Quantity(host_j, host_j * (1 - spread), host_j * (1 + spread), "modelled")
    return replace(cost(blocks([0.1]), (1.0,)), energy_j=exact(0.2), host_j=found)


def test_a_host_that_takes_more() -> None:
    told = (
        "the host of side b takes 31.6 mJ a step and that of side a 14.6 mJ: the programs differ "
        "in what they do beside their operators, in their own code or a library's, and no finding "
        "holds that"
    )
    assert host_difference(side(0.0146), side(0.0316)) == told


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (side(0.020), side(0.020)),
        (side(0.020), side(0.029)),  # 4.5 % of the step
        (side(0.020, spread=0.3), side(0.040, spread=0.3)),  # not surely
        (side(0.020), replace(side(0.040), host_j=Absent("not covered"))),
    ],
)
def test_others(a: SideCost, b: SideCost) -> None:
    assert host_difference(a, b) is None
    assert host_difference(b, a) is None
