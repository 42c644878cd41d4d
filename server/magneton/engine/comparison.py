"""The comparison of two programs, from loading to the result."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from magneton import __version__
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import (
    Breakdowns,
    Comparison,
    OperatorRows,
    Sides,
)

from ..analysis.breakdown import break_down
from ..analysis.classify import Judged, judge, verdict
from ..analysis.cost import SideCost, busy_cpus, cost_of
from ..analysis.flow import flow_of
from ..analysis.grouping import group_alike
from ..analysis.matching import match_flows
from ..analysis.regions import Cut, cut_flows
from ..analysis.statistics import Interval
from ..source.positions import Locator
from . import assemble
from .prepare import Prepared, prepare
from .request import CompareRequest, OnProgress, Progress
from .runner import Runner, load_sides
from .schedule import Series, measure_steps, time_operators
from .second_look import Subject, look_again


@dataclass(frozen=True)
class _Taken:
    """All that was taken from the two programs."""

    sides: tuple[Runner, Runner]
    prepared: Prepared
    series: tuple[Series, Series]
    costs: tuple[SideCost, SideCost]

    @property
    def recordings(self) -> tuple[Recording, Recording]:
        return self.prepared.recordings[0], self.prepared.recordings[1]


async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
    """Compare side b with side a. Cancelling ends every process of both sides.

    Raises:
        MagnetonError: a target is wrong, a side failed, or a worker took too long.
    """
    taken = await _take(request, on_progress)
    on_progress(Progress("match", 0.78, "matching values and cutting regions"))
    a, b = taken.recordings
    flows = (flow_of(a), flow_of(b))
    found = cut_flows(*flows, match_flows(*flows))
    judged = judge(group_alike(found, a, b), *taken.costs, request.options.threshold)
    locator = Locator(Path(request.workspace))
    sites = (assemble.Sites(a, locator), assemble.Sites(b, locator))
    subject = Subject(request, taken.prepared, found, sites, taken.costs)
    if taken.prepared.outputs.equal is False:
        return _result(subject, taken, _without_waste(judged))
    looked = await look_again(subject, judged, on_progress)
    result = _result(subject, taken, looked.judged)
    return Comparison(**{**vars(result), "findings": looked.findings})


async def _take(request: CompareRequest, on_progress: OnProgress) -> _Taken:
    on_progress(Progress("load", 0.02, "loading both programs"))
    async with AsyncExitStack() as stack:
        sides = await load_sides(stack, request)
        prepared = await prepare(sides, on_progress)
        on_progress(Progress("measure", 0.3, "measuring whole steps"))
        series = await measure_steps(sides, request.options, on_progress)
        timings = await time_operators(
            sides,
            prepared.recordings,
            prepared.checks,
            request.options,
            lambda done: on_progress(Progress("time", 0.6 + 0.18 * done, "timing every operator")),
        )
    busy = busy_cpus(zip(prepared.recordings, timings, strict=True))
    costs = [
        cost_of(recording, side.loaded, each.samples, timing, busy)
        for recording, side, each, timing in zip(
            prepared.recordings, sides, series, timings, strict=True
        )
    ]
    return _Taken(sides, prepared, (series[0], series[1]), (costs[0], costs[1]))


def _result(subject: Subject, taken: _Taken, judged: Sequence[Judged]) -> Comparison:
    found, sites, costs = subject.cut, subject.sites, taken.costs
    options, prepared = subject.request.options, taken.prepared
    described = [
        assemble.side_of(
            side.target,
            side.loaded,
            recording,
            cost,
            cost.energy_of(alone),
            assemble.warnings_of(side, cost, prepared.warnings, each.warnings),
        )
        for side, recording, cost, alone, each in zip(
            taken.sides,
            prepared.recordings,
            costs,
            (found.unmatched_a, found.unmatched_b),
            taken.series,
            strict=True,
        )
    ]
    return Comparison(
        created=assemble.now(),
        magneton_version=__version__,
        sides=Sides(*described),
        outputs=prepared.outputs,
        verdict=verdict(prepared.outputs.equal, judged, _step_ratio(*costs), options.threshold),
        regions=assemble.regions_of(found, judged, *sites, costs),
        findings=(),
        breakdowns=Breakdowns(
            *(
                break_down(site.recording.operators, site.places(), cost)
                for site, cost in zip(sites, costs, strict=True)
            )
        ),
        operators=_operators(found, sites, costs) if options.detail_operators else None,
    )


def _without_waste(judged: Sequence[Judged]) -> list[Judged]:
    """Where the outputs differ nothing is called waste."""
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
    rows = (
        assemble.operator_rows(site, cost, region)
        for site, cost, region in zip(sites, costs, regions, strict=True)
    )
    return OperatorRows(*rows)
