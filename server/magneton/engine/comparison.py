"""The comparison of two programs, from loading to the result."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from magneton import __version__
from magneton_agent.schema.result import (
    Breakdowns,
    Comparison,
    OperatorRows,
    Sides,
)

from ..analysis.apportioning import busy_cpus, cost_of
from ..analysis.breakdown import break_down
from ..analysis.classify import Judged, judge, resolvable, verdict
from ..analysis.cost import SideCost
from ..analysis.grouping import group_alike
from ..analysis.host import host_difference
from ..analysis.regions import Cut
from ..analysis.spending import error_of_look
from ..analysis.spinning import busy_waiting
from ..analysis.statistics import CONFIDENCE
from . import assemble, randomness
from .cutting import cut_recordings
from .prepare import Prepared, prepare
from .ranks.others import OtherRanks
from .ranks.rows import rank_rows, rank_warnings
from .replaying import OperatorEnergies
from .request import CompareRequest, OnProgress, Progress
from .revisions import checked_out
from .schedule import Schedule
from .second_look import Looked, Subject, View, look_again
from .side import Side
from .sides import Traces, load_sides, traces_of
from .step_ratio import step_ratio

_EXTENSIONS = 2


async def compare(request: CompareRequest, on_progress: OnProgress) -> Comparison:
    """Compare side b with side a. Cancelling ends every process of both sides.

    Raises:
        MagnetonError: a target is wrong, a side failed, or a worker took too long.
    """
    on_progress(Progress("load", 0.02, "loading both programs"))
    async with AsyncExitStack() as files:
        return await _compared(await checked_out(files, request), on_progress)


async def _compared(request: CompareRequest, on_progress: OnProgress) -> Comparison:
    traces = traces_of(request)
    async with AsyncExitStack() as stack:
        sides = await load_sides(stack, request, traces)
        prepared = await prepare(sides, on_progress, request.options.record_masks)
        schedule = Schedule(sides, prepared, request.options)
        on_progress(Progress("measure", 0.3, "measuring whole steps"))
        await schedule.sample(on_progress)
        on_progress(Progress("match", 0.7, "matching values and cutting regions"))
        view = await _replayed(_view(request, traces, sides, prepared), schedule, on_progress)
        subject, judged = await _judged(view, schedule, on_progress)
        others = OtherRanks.of(sides, prepared.outputs, view.energies, request.options)
    if prepared.outputs.equal is False:
        return _result(subject, schedule, Looked(tuple(_without_waste(judged)), ()))
    return _result(subject, schedule, await look_again(subject, judged, others, on_progress))


def _view(
    request: CompareRequest, traces: Traces, sides: tuple[Side, Side], prepared: Prepared
) -> View:
    a, b = prepared.recordings
    found = cut_recordings(a, b, prepared.outputs)
    x, y = prepared.checks
    places = (assemble.Sites.of(sides[0], a, x), assemble.Sites.of(sides[1], b, y))
    drawn = randomness.warnings(prepared, places)
    prepared = replace(prepared, warnings=(*prepared.warnings, *drawn))
    groups = group_alike(found, a, b)
    energies = OperatorEnergies.unknown(sides, prepared.recordings)
    return View(request, traces, prepared, found, groups, places, energies)


async def _replayed(view: View, schedule: Schedule, on_progress: OnProgress) -> View:
    """``view`` with the energies of operators that were run alone, where there is a sensor."""
    if not view.energies.replayable:
        return view
    options, costs = view.request.options, _costs(view, schedule)
    judged = judge(view.groups, *costs, options.thresholds)
    close = [each.group for each in judged if each.undecided or each.wasteful is not None]
    wanted = ([i for each in close for i in each.a], [i for each in close for i in each.b])
    energies = await view.energies.measured(costs, wanted, options, on_progress)
    return replace(view, energies=energies)


async def _judged(
    view: View, schedule: Schedule, on_progress: OnProgress
) -> tuple[Subject, tuple[Judged, ...]]:
    """Judge every group, timing longer where one is on the edge of being a finding."""
    for extension in range(_EXTENSIONS + 1):
        costs = _costs(view, schedule)
        error = error_of_look(extension, _EXTENSIONS + 1, 1 - CONFIDENCE)
        judged = judge(view.groups, *costs, view.request.options.thresholds, error)
        decided = not any(each.undecided for each in judged)
        if decided or not schedule.extensible or extension == _EXTENSIONS:
            break
        progress = Progress("time", 0.7 + 0.05 * extension, "timing what is not yet resolved")
        await schedule.time_blocks(on_progress, progress, 0.05)
    return Subject(view, costs), judged


def _costs(view: View, schedule: Schedule) -> tuple[SideCost, SideCost]:
    timings = schedule.timings
    busy = busy_cpus(zip(view.prepared.recordings, timings, strict=True))
    a, b = (
        view.energies.cost(
            number, cost_of(recording, series.side.loaded, series.samples, timing, busy)
        )
        for number, (recording, series, timing) in enumerate(
            zip(view.prepared.recordings, schedule.series, timings, strict=True)
        )
    )
    return a, b


def _result(subject: Subject, schedule: Schedule, looked: Looked) -> Comparison:
    view, costs = subject.view, subject.costs
    found, sites, options, prepared = view.cut, view.sites, view.request.options, view.prepared
    sides = [each.side for each in schedule.series]
    beside = (busy_waiting(*costs), None if looked.findings else host_difference(*costs))
    told = (text for text in beside if text is not None)
    common = (*prepared.warnings, *looked.warnings, *told)
    described = [
        assemble.side_of(
            series.side,
            site,
            cost,
            cost.energy_of(alone),
            assemble.warnings_of(
                cost,
                common,
                (
                    *series.notes(),
                    *view.energies.warnings(number, series.boards),
                    *rank_warnings(sides, number, view.energies),
                ),
            ),
            view.energies.summary(number, cost),
            options.per,
            series.boards,
            series.all_ranks(cost),
        )
        for number, (series, site, cost, alone) in enumerate(
            zip(
                schedule.series,
                sites,
                costs,
                (found.unmatched_a, found.unmatched_b),
                strict=True,
            )
        )
    ]
    ratio = step_ratio(schedule.series, costs, schedule.step_error)
    return Comparison(
        created=assemble.now(),
        magneton_version=__version__,
        sides=Sides(*described),
        outputs=prepared.outputs,
        verdict=verdict(prepared.outputs.equal, looked.findings, ratio, options.threshold),
        regions=(*assemble.regions_of(found, looked.judged, *sites, costs), *looked.regions),
        findings=looked.findings,
        breakdowns=Breakdowns(
            *(
                break_down(site.recording.operators, site.places(), cost)
                for site, cost in zip(sites, costs, strict=True)
            )
        ),
        operators=_operators(found, sites, costs) if options.detail_operators else None,
        thresholds=options.thresholds,
        resolvable=resolvable(ratio, costs[0].energy_j),
        per=options.per,
        ranks=rank_rows(sides, costs, view.energies),
    )


def _without_waste(judged: Sequence[Judged]) -> list[Judged]:
    """Where the outputs differ nothing is called waste."""
    return [each if each.wasteful is None else replace(each, class_="different") for each in judged]


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
