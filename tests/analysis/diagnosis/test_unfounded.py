"""Differences between processes that no difference between the programs accounts for."""

from __future__ import annotations

import pytest

from magneton.analysis.diagnosis.facts import Facts, TriedFact
from magneton.analysis.diagnosis.operands import differences
from magneton.analysis.diagnosis.unfounded import is_unfounded
from magneton.analysis.effect import Effect
from magneton.analysis.statistics import Interval
from tests.analysis.diagnosis.findings import facts, side

TRANSPOSED = "torch.float32 [4, 4] strides [1, 4]"
TWICE = Interval(2.45, 2.01, 2.98)


def tried(*ratios: Interval, difference: str | None = None) -> Facts:
    """Sides of which a layout differs, with what became of trying it as often as told."""
    a, b = side("a", inputs=((TRANSPOSED,),)), side("b")
    (layout,) = differences(a, b)
    effects = [Effect(ratio, TWICE, difference) for ratio in ratios]
    return facts(a, b, tried=tuple(TriedFact(layout, effect) for effect in effects))


@pytest.mark.parametrize("moved", [Interval(1.03, 0.99, 1.08), Interval(1.03, 0.6, 1.8)])
def test_what_differs_was_tried_and_moves_too_little(moved: Interval) -> None:
    assert is_unfounded(tried(moved))


@pytest.mark.parametrize(
    "told",
    [
        tried(),
        tried(Interval(1.6, 1.5, 1.7)),
        tried(Interval(1.03, 0.5, 2.1)),
        tried(Interval(1.03, 0.99, 1.08), difference="output 0 differs"),
        facts(),
        facts(side("a", "mul", "add"), side("b", "mul")),
    ],
    ids=[
        "not tried",
        "it moves more than half",
        "nobody knows how much",
        "other outputs",
        "nothing differs that could be tried",
        "other operators",
    ],
)
def test_a_finding_stands(told: Facts) -> None:
    assert not is_unfounded(told)
