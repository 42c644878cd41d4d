"""The comparison of two programs, from loading to the result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from magneton import __version__
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import (
    Breakdowns,
    Comparison,
    Finding,
    OperatorRows,
    SideName,
    Sides,
)

from ..analysis.breakdown import break_down
from ..analysis.classify import Judged, judge, verdict
from ..analysis.cost import SideCost, cost_of
from ..analysis.grouping import group_alike
from ..analysis.matching import match
from ..analysis.regions import Cut, cut
from ..analysis.statistics import Interval
from ..source.positions import Locator
from . import assemble
from .findings import cases_of, findings_of
from .prepare import Prepared, prepare
from .request import CompareRequest, OnProgress, Progress
from .runner import Runner
from .schedule import Series, measure_steps, time_operators


async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
    """Compare side b with side a. Cancelling ends every process of both sides.

    Raises:
        MagnetonError: a target is wrong, a side failed, or a worker took too long.
    """
    on_progress(Progress("load", 0.02, "loading both programs"))
    async with AsyncExitStack() as stack:
        sides = await load_sides(stack, request)
        prepared = await prepare(sides, on_progress)
        on_progress(Progress("measure", 0.3, "measuring whole steps"))
        series = await measure_steps(sides, request.options, on_progress)
        timings = await time_operators(
            sides, prepared.recordings, prepared.checks, request.options, on_progress
        )
        costs = [
            cost_of(recording, side.loaded, each.samples, timing)
            for recording, side, each, timing in zip(
                prepared.recordings, sides, series, timings, strict=True
            )
        ]
    on_progress(Progress("match", 0.86, "matching values and cutting regions"))
    return await _result(request, sides, prepared, series, (costs[0], costs[1]), on_progress)


async def load_sides(stack: AsyncExitStack, request: CompareRequest) -> list[Runner]:
    """Both sides, loaded at the same time; on an error neither is left running."""
    sides = [
        Runner("a", request.a, request.workspace, request.options),
        Runner("b", request.b, request.workspace, request.options),
    ]
    loading = [asyncio.ensure_future(stack.enter_async_context(side)) for side in sides]
    done = await asyncio.gather(*loading, return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return sides


async def _result(
    request: CompareRequest,
    sides: Sequence[Runner],
    prepared: Prepared,
    series: Sequence[Series],
    costs: tuple[SideCost, SideCost],
    on_progress: OnProgress,
) -> Comparison:
    a, b = prepared.recordings
    found = cut(a, b, match(a, b))
    judged = judge(group_alike(found, a, b), *costs, request.options.threshold)
    locator = Locator(Path(request.workspace))
    sites = (assemble.Sites(a, locator), assemble.Sites(b, locator))
    different = prepared.outputs.equal is False
    findings: tuple[Finding, ...] = ()
    if not different:
        step_j: dict[SideName, Quantity] = {"a": costs[0].energy_j, "b": costs[1].energy_j}
        cases = cases_of(judged, found, sites, costs)
        findings = await findings_of(cases, request, step_j, on_progress)
    unmatched = (found.unmatched_a, found.unmatched_b)
    described = [
        assemble.side_of(
            side.target,
            side.loaded,
            recording,
            cost,
            assemble.unmatched_j(cost, alone),
            (*prepared.warnings, *sorted(each.warnings)),
        )
        for side, recording, cost, alone, each in zip(
            sides, prepared.recordings, costs, unmatched, series, strict=True
        )
    ]
    return Comparison(
        created=assemble.now(),
        magneton_version=__version__,
        sides=Sides(*described),
        outputs=prepared.outputs,
        verdict=verdict(
            prepared.outputs.equal, judged, _step_ratio(*costs), request.options.threshold
        ),
        regions=assemble.regions_of(found, _without_waste(judged, different), *sites, costs),
        findings=findings,
        breakdowns=Breakdowns(
            *(
                break_down(s.recording.operators, s.places(), c)
                for s, c in zip(sites, costs, strict=True)
            )
        ),
        operators=_operators(found, sites, costs) if request.options.detail_operators else None,
    )


def _without_waste(judged: Sequence[Judged], different: bool) -> list[Judged]:
    """Where the outputs differ nothing is called waste."""
    if not different:
        return list(judged)
    return [
        each if each.wasteful is None else Judged(**{**vars(each), "class_": "different"})
        for each in judged
    ]


def _step_ratio(a: SideCost, b: SideCost) -> Interval:
    x, y = a.energy_j, b.energy_j
    return Interval(x.value / y.value, x.low / y.high, x.high / (y.low or 1e-300))


def _operators(
    found: Cut, sites: tuple[assemble.Sites, assemble.Sites], costs: tuple[SideCost, SideCost]
) -> OperatorRows:
    regions: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for number, region in enumerate(found.regions):
        regions[0].update(dict.fromkeys(region.a, f"r{number}"))
        regions[1].update(dict.fromkeys(region.b, f"r{number}"))
    return OperatorRows(
        *(assemble.operator_rows(s, c, r) for s, c, r in zip(sites, costs, regions, strict=True))
    )
