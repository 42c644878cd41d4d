"""A side that keeps a CPU busy while it waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.cost import SideCost
from magneton.analysis.spinning import busy_waiting
from magneton_agent.schema.quantity import Quantity
from tests.analysis.steps import blocks, cost


def side(step_s: float, cpu_s: float, spread: float = 0.01) -> SideCost:
    def measured(value: float) -> Quantity:
        return Quantity(value, value * (1 - spread), value * (1 + spread), "measured")

    return replace(cost(blocks([0.1]), (1.0,)), step_s=measured(step_s), cpu_s=measured(cpu_s))


def test_a_side_that_spins() -> None:
    told = (
        "side b keeps 1.00 CPUs busy and side a 0.02, in steps that take equally long (100 ms and "
        "102 ms): what side b computes beyond the other gains no time, as where a program spins "
        "while it waits"
    )
    assert busy_waiting(side(0.100, 0.002), side(0.102, 0.102)) == told


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (side(0.1, 0.1), side(0.1, 0.1)),  # both busy
        (side(0.1, 0.05), side(0.1, 0.07)),  # a fifth of a CPU
        (side(0.1, 0.1), side(0.2, 0.1)),  # faster by it
        (side(0.1, 0.1), side(0.1, 0.05, spread=0.6)),  # not surely
        (side(0.0, 0.0), side(0.0, 0.0)),
    ],
)
def test_others(a: SideCost, b: SideCost) -> None:
    assert busy_waiting(a, b) is None
    assert busy_waiting(b, a) is None
