"""Rows of ranks, by hand-made replies."""

from __future__ import annotations

import pytest

from magneton.analysis.cost import SideCost
from magneton.engine.ranks.replies import RankReplies, Ranks
from magneton.engine.ranks.rows import rank_rows
from magneton.engine.replaying import OperatorEnergies
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import RankRow, SideName
from tests.analysis.steps import blocks, cost, loaded, operator, recording, timed
from tests.engine.fake_runners import FakeRunner

STEP = recording([operator("mul")])
STEP_S = 0.1


def side(name: SideName, cpu_s: float) -> FakeRunner:
    """Two ranks, whose one operator takes all of the step and ``cpu_s`` of CPU time."""
    found = FakeRunner({}, name)
    found.ranks = Ranks(2)
    found.ranks.replies = [
        RankReplies(
            loaded=loaded(),
            recording=STEP,
            samples=[Sample(1, STEP_S, cpu_s, None)] * 8,
            blocks=[(timed([STEP_S], [cpu_s]),)] * 8,
        )
        for _ in range(2)
    ]
    return found


def rows(sides: list[FakeRunner], costs: list[SideCost]) -> tuple[RankRow, ...]:
    return rank_rows(sides, costs, OperatorEnergies.unknown(sides, [STEP] * len(sides)))


def residuals(sides: list[FakeRunner], costs: list[SideCost]) -> list[list[float]]:
    """Per row, of both sides, J."""
    found = [[row.a.residual_j, row.b and row.b.residual_j] for row in rows(sides, costs)]
    return [[each.value for each in row if isinstance(each, Quantity)] for row in found]


SHOWN = cost(blocks([STEP_S]), (1.0,), energy_j=0.5)


def test_the_rank_that_is_shown_has_the_sides_figures() -> None:
    first, second = residuals([side("a", 0.1), side("b", 0.05)], [SHOWN, SHOWN])
    assert first == pytest.approx([0.4, 0.4])
    # 2.76 W of a busy CPU: the operator keeps 0.75 busy over both sides, and 1 or 0.5 in one.
    assert second == pytest.approx([2.76 * 0.025, -2.76 * 0.025])


def test_what_is_read_of_all_ranks_together_is_in_no_row() -> None:
    sides = [side(name, 0.1).load(meter="csv") for name in ("a", "b")]
    (first, _) = rows(sides, [SHOWN, SHOWN])
    assert isinstance(first.a.energy_j, Quantity)
    # two CPUs idle, and one busy
    assert first.a.energy_j.value == pytest.approx(1.48 * 0.1 + 2.76 * 0.1)
    assert first.a.energy_j.source == "modelled"
