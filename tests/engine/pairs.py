"""Two steps whose differences are findings, with causes that a test gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from magneton.analysis.classify import judge
from magneton.analysis.cost import SideCost
from magneton.analysis.diagnosis.facts import Explanation, Facts, TriedFact
from magneton.analysis.effect import Effect
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import Cut, cut_flows
from magneton.analysis.statistics import Interval
from magneton.engine.assemble import Sites
from magneton.engine.cases import Case, cases_of
from magneton.engine.confirming import Confirmer, Flip, Suspected
from magneton.engine.one_cause import one_a_cause
from magneton.engine.told import Told
from magneton.source.positions import Locator
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.location import Frame
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Finding
from tests.agent.recordings import recorded
from tests.analysis.diagnosis.findings import CALL, FORWARD, facts
from tests.analysis.steps import blocks, cost
from tests.builders import cause, finding, location

HERE = Path(__file__)
torch.manual_seed(0)
X, W, V = torch.randn(24, 16), torch.randn(16, 16), torch.randn(16, 16)
Step = Callable[[], Tensor]
UNTRIED = Confirmer({}, {}, 0.1)


class Pair:
    """Two steps: each operator of the first takes 3 J, each of the second 1 J."""

    def __init__(self, a: Step, b: Step) -> None:
        self.recordings = recorded(a), recorded(b)
        flows = flow_of(self.recordings[0]), flow_of(self.recordings[1])
        self.cut: Cut = cut_flows(*flows, match_flows(*flows))
        costs = (_joules(self.recordings[0], 3.0), _joules(self.recordings[1], 1.0))
        sites = tuple(Sites(each, Locator(HERE.parent)) for each in self.recordings)
        judged = judge(group_alike(self.cut, *self.recordings), *costs, Thresholds())
        found = cases_of(judged, self.cut, (sites[0], sites[1]), costs)
        self.cases = [each for each in found if each.wasteful == "a"]

    def case(self, name: str) -> Case:
        """The one that runs the operator of that name on side a."""
        (found,) = (
            each
            for each in self.cases
            if f"aten::{name}" in [operator.name for operator in each.telling(0)]
        )
        return found

    def one(self, told: Sequence[Told], confirmer: Confirmer = UNTRIED) -> list[Finding]:
        step_j = self.cases[0].costs[0].energy_j
        return asyncio.run(
            one_a_cause(told, self.cut.regions, confirmer, {"a": step_j, "b": step_j})
        )


def _joules(recording: Recording, each_j: float) -> SideCost:
    count = len(recording.operators)
    timed = blocks(*[(each_j,) * count] * 6)
    return cost(timed, (1.0,) * count, energy_j=each_j * count)


def told(
    case: Case,
    found: Explanation | None = None,
    partings: tuple[Frame, ...] = (),
    confirmed: bool = False,
    known: Facts | None = None,
) -> Told:
    """A finding about ``case`` that ``found`` explains."""
    made = finding(
        regions=tuple(f"r{number}" for number in case.judged.group.regions),
        count=len(case.judged.group.regions),
        saving_j=case.saving_j,
        message=found.message if found is not None else "no single cause was found",
        cause=cause(
            kind=found.kind,
            name=found.name,
            wasteful_value=found.wasteful_value,
            efficient_value=found.efficient_value,
            location=location(line=found.frame.line) if found.frame is not None else None,
            confirmed=confirmed,
        )
        if found is not None
        else None,
    )
    if found is not None:
        found = replace(found, confirmed=confirmed)
    return Told(made, case, found, known or facts(), cast(Suspected, None), partings)


def because(name: str = "precision", **changes: Any) -> Explanation:
    """A cause of that name, followed to where it is given."""
    default = Explanation(
        category="misconfiguration",
        kind="argument",
        name=name,
        wasteful_value="'high'",
        efficient_value="'low'",
        frame=CALL,
        evidence=(),
        message=f"`{name}` is 'high'",
        remedy="",
    )
    return replace(default, **changes)


LOOK = because(
    "the dtype of the inputs",
    kind="dtype",
    wasteful_value="torch.float64",
    efficient_value="torch.float32",
    frame=FORWARD,
)


def both(pair: Pair) -> list[Case]:
    assert len(pair.cases) >= 2
    return pair.cases[:2]


def saved(found: Sequence[Finding]) -> list[float]:
    return [each.saving_j.value for each in found if isinstance(each.saving_j, Quantity)]


class Tried:
    """Trials that take ``part`` of the difference, in logarithms, away from every finding."""

    def __init__(self, part: float) -> None:
        self.part = part

    async def too(self, flip: Flip, finding: Suspected) -> TriedFact:
        ratio = 3.0**self.part
        effect = Effect(Interval(ratio, ratio, ratio), Interval(3.0, 3.0, 3.0), None)
        return TriedFact(flip.difference, effect, confirmed=effect.settles(0.1))


VARIABLE = because("EXAMPLE_WAY", kind="setting")
