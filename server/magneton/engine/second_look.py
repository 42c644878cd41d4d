"""Looks again at what seems wasteful, in fresh processes, before anything is called so.

Where memory lands, and on which CPU a process settles, holds for its life: blocks taken in turn
cannot even that out, another pair of processes can. The same pair then explains what repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from magneton_agent.schema.messages import Measure, Measured
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Finding, SideName

from ..analysis.classify import Judged, confirmed, judge
from ..analysis.cost import SideCost
from ..analysis.regions import Cut
from .assemble import Sites
from .findings import cases_of, findings_of
from .prepare import Prepared
from .request import CompareRequest, OnProgress, Progress
from .runner import Runner, load_sides
from .schedule import time_operators


@dataclass(frozen=True)
class Subject:
    """What is being compared, as far as it is known after the first look."""

    request: CompareRequest
    prepared: Prepared
    cut: Cut
    sites: tuple[Sites, Sites]
    costs: tuple[SideCost, SideCost]


@dataclass(frozen=True)
class Looked:
    """The groups after the second look, and what explains those that stayed."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]


async def look_again(subject: Subject, judged: Sequence[Judged], on_progress: OnProgress) -> Looked:
    """Time both programs again where a group seems wasteful; explain what repeats."""
    if not any(each.wasteful for each in judged):
        return Looked(tuple(judged), ())
    on_progress(Progress("diagnose", 0.8, "loading both programs again"))
    async with AsyncExitStack() as stack:
        sides = await load_sides(stack, subject.request, trace_construction=True)
        kept = confirmed(judged, await _judge_again(subject, judged, sides, on_progress))
        on_progress(Progress("diagnose", 0.95, "looking into both programs"))
        step_j: dict[SideName, Quantity] = {
            "a": subject.costs[0].energy_j,
            "b": subject.costs[1].energy_j,
        }
        cases = cases_of(kept, subject.cut, subject.sites, subject.costs)
        findings = await findings_of(cases, {"a": sides[0], "b": sides[1]}, step_j)
    return Looked(kept, findings)


async def _judge_again(
    subject: Subject, judged: Sequence[Judged], sides: Sequence[Runner], on_progress: OnProgress
) -> tuple[Judged, ...]:
    prepared, options = subject.prepared, subject.request.options
    for side in sides:
        await side.ask(Measure(1, 0.0), Measured)  # a first step is not like the others
    timings = await time_operators(
        sides,
        prepared.recordings,
        prepared.checks,
        options,
        lambda done: on_progress(Progress("diagnose", 0.85 + 0.1 * done, "timing once more")),
    )
    a, b = (
        replace(cost, timing=timing) for cost, timing in zip(subject.costs, timings, strict=True)
    )
    return judge([each.group for each in judged], a, b, options.threshold)
