"""Looks again at what seems wasteful, in fresh processes, before anything is called so.

Where memory lands, and on which CPU a process settles, holds for its life: blocks taken in turn
cannot even that out, another pair of processes can. The same pair then explains what repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import names_digest
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Finding, Region, SideName

from ..analysis.classify import Judged, confirmed, judge, unresolved
from ..analysis.cost import SideCost, retimed
from ..analysis.grouping import Group
from ..analysis.regions import Cut
from .assemble import Sites, regions_of
from .cases import cases_of
from .confirming import Confirmer
from .exchanging import Doubt, Exchanger
from .findings import Explained, counting, findings_of, numbered
from .fixing import Fixer
from .host_side import host_case, host_finding
from .merging import by_cause
from .needless import Needless
from .netting import netted
from .overlap import explained, set_apart
from .prepare import Prepared
from .ranks.others import OtherRanks
from .redundant import Suspect, suspect
from .repeating import as_often, decided_there, why_repeated
from .replaying import OperatorEnergies
from .request import CompareRequest, MeasureRequest, OnProgress, Progress
from .rest import rest_of, told
from .schedule import Schedule
from .side import Side
from .sides import Traces, load_side, load_sides
from .stage import Stage
from .trial import Trials
from .unchanged import FilesChanged
from .unused import Idle, idle_work
from .wishes import Ranges

_TRIES = 2
_SIDES: tuple[SideName, SideName] = ("a", "b")


@dataclass(frozen=True)
class View:
    """Two recorded steps, cut into groups of regions that compute the same; ``traces`` are the
    sides that ran before. ``rest``: the last region is what nothing matched."""

    request: CompareRequest
    traces: Traces
    prepared: Prepared
    cut: Cut
    groups: tuple[Group, ...]
    sites: tuple[Sites, Sites]
    energies: OperatorEnergies
    rest: bool = False


@dataclass(frozen=True)
class Subject:
    """What is being compared, with what it costs, after the first look."""

    view: View
    costs: tuple[SideCost, SideCost]


@dataclass(frozen=True)
class _Alone:
    """What each side does more than once, side a first, and what one of them does for nothing."""

    suspects: Sequence[Suspect]
    idle: Sequence[Idle]

    def confirmed(self, again: Sequence[SideCost]) -> _Alone:
        """What costs as much in other processes too."""
        return _Alone(
            [each.confirmed(cost) for each, cost in zip(self.suspects, again, strict=True)],
            [each for each in self.idle if each.is_costly(again[_SIDES.index(each.side)])],
        )


@dataclass(frozen=True)
class Looked:
    """The groups after the second look, and what explains those that stayed; ``regions`` are those
    of findings in other ranks than the first. ``warnings`` say why it came to no end."""

    judged: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    regions: tuple[Region, ...] = ()
    warnings: tuple[str, ...] = ()


async def look_again(
    subject: Subject, judged: Sequence[Judged], others: OtherRanks, on_progress: OnProgress
) -> Looked:
    """Time both programs again where a group seems wasteful, also in ``others``, or work repeated;
    explain what stays. Where a side fails this time, what seemed wasteful is unresolved."""
    view, costs = subject.view, subject.costs
    suspects = [
        suspect(name, sites, cost, view.request.options.smallest_share)
        for name, sites, cost in zip(_SIDES, view.sites, costs, strict=True)
    ]
    idle: Sequence[Idle] = ()
    if view.prepared.outputs.equal is True:
        a, b = (
            frozenset(i for found in each.repetitions for i in found.superfluous)
            for each in suspects
        )
        share = view.request.options.smallest_share
        idle = idle_work(view.cut, view.sites, costs, share, (a, b))
        if not idle:
            subject, judged = _with_rest(subject, judged)
    seems = any(each.wasteful for each in judged) or any(each.repetitions for each in suspects)
    seems = seems or others.wasteful or bool(idle) or host_case(view.sites, costs) is not None
    if not seems:
        return Looked(tuple(judged), ())
    on_progress(Progress("diagnose", 0.8, "loading both programs again"))
    try:
        return await _looked(subject, judged, _Alone(suspects, idle), others, on_progress)
    except FilesChanged:
        raise
    except MagnetonError as error:  # what was measured stands
        left = (each if each.wasteful is None else unresolved(each) for each in judged)
        return Looked(tuple(left), (), warnings=(_not_looked(error),))


async def _looked(
    subject: Subject,
    judged: Sequence[Judged],
    alone: _Alone,
    others: OtherRanks,
    on_progress: OnProgress,
) -> Looked:
    view, costs = subject.view, subject.costs
    async with AsyncExitStack() as stack:
        files = {name: sites.files for name, sites in zip(_SIDES, view.sites, strict=True)}
        a, b = await load_sides(stack, view.request, view.traces, files)
        kept, again = await _repeated(subject, judged, (a, b), on_progress)
        alone = alone.confirmed(again)
        live = {each.name: each for each in (a, b) if each.taken is None}
        trials = {name: await stack.enter_async_context(_trials(view, name)) for name in live}
        sides: dict[SideName, Side] = {"a": a, "b": b}
        stage = Stage(on_progress, "diagnose", 0.87, 0.99)
        looking, fixing = stage.part(0, 2), stage.part(1, 2)
        found = await _explained(subject, kept, alone, sides, trials, looking)
        findings = found.findings
        kept = tuple(unresolved(each) if each.group in found.withdrawn else each for each in kept)
        if view.request.options.fix:
            workspace, ranges = Path(view.request.workspace), partial(_ranges, subject)
            fixer = Fixer(workspace, sides, trials, kept, ranges, _step_j(costs))
            findings = await fixer.fixed(findings, fixing)
        known = cases_of(kept, view.cut, view.sites, costs)
        in_others, regions = await others.findings(known, (a, b))
        rest = regions_of(view.cut, kept, *view.sites, costs)[-1:] if view.rest else ()
        return Looked(kept, numbered((*findings, *in_others)), (*rest, *regions))


@dataclass(frozen=True)
class Alone:
    """What one program without another seems to do more than once, and to move and undo."""

    suspect: Suspect
    needless: Needless

    @property
    def is_empty(self) -> bool:
        return not (self.suspect.repetitions or self.needless.places)

    def confirmed(self, again: SideCost) -> Alone:
        """What costs as much in other processes too."""
        return Alone(self.suspect.confirmed(again), self.needless.confirmed(again))

    def findings(self) -> tuple[Finding, ...]:
        """What is moved by work that is repeated is told of once."""
        repeated = {i for each in self.suspect.repetitions for i in each.operators}
        return (*self.suspect.findings(), *self.needless.beside(repeated).findings())


async def look_again_alone(
    request: MeasureRequest, prepared: Prepared, suspected: Alone, on_progress: OnProgress
) -> Looked:
    """Time one program again where it seems to do needless work; what stays are its findings, none
    where it fails this time."""
    if suspected.is_empty:
        return Looked((), ())
    try:
        suspected = await _confirmed_alone(request, prepared, suspected, on_progress)
    except FilesChanged:
        raise
    except MagnetonError as error:  # what was measured stands
        return Looked((), (), warnings=(_not_looked(error),))
    return Looked((), numbered(suspected.findings()))


def _with_rest(subject: Subject, judged: Sequence[Judged]) -> tuple[Subject, Sequence[Judged]]:
    """With what nothing matched as one more group, where that makes most of the difference."""
    view = subject.view
    thresholds = view.request.options.thresholds
    found = rest_of(view.cut, view.groups, judged, subject.costs, thresholds)
    if found is None:
        return subject, judged
    cut, rest = found
    view = replace(view, cut=cut, groups=(*view.groups, rest.group), rest=True)
    return replace(subject, view=view), (*judged, rest)


def _not_looked(error: MagnetonError) -> str:
    return (
        "what seemed wasteful is unresolved: the second look at it, in fresh processes, failed: "
        f"{error.fact} ({error.cause})"
    )


async def _confirmed_alone(
    request: MeasureRequest, prepared: Prepared, suspected: Alone, on_progress: OnProgress
) -> Alone:
    async with AsyncExitStack() as stack:
        on_progress(Progress("diagnose", 0.8, "loading the program again"))
        side = await load_side(stack, request, suspected.suspect.sites.files)
        schedule = Schedule([side], prepared, request.options)
        if not schedule.one_shot:  # every step has been a fresh process already
            await schedule.warm_up()
            progress = Progress("diagnose", 0.85, "timing it in a fresh process")
            await schedule.time_blocks(on_progress, progress, 0.1)
            return suspected.confirmed(retimed(suspected.suspect.cost, schedule.timings[0]))
    return suspected


async def _explained(
    subject: Subject,
    kept: Sequence[Judged],
    alone: _Alone,
    sides: dict[SideName, Side],
    trials: dict[SideName, Trials],
    stage: Stage,
) -> Explained:
    """The findings about regions and about repeated work, what saves most first."""
    view, costs = subject.view, subject.costs
    suspects, step_j = alone.suspects, _step_j(costs)
    cases = cases_of(kept, view.cut, view.sites, costs)
    apart = set_apart(cases, suspects, view.request.options.threshold)
    live = {name: side for name, side in sides.items() if name in trials}
    confirmer = Confirmer(trials, live, view.request.options.threshold)
    found = await findings_of(apart, sides, step_j, confirmer, view.cut.regions, stage.part(0, 2))
    found = counting(found, apart, view.request.options.smallest_share)
    doubts = [Doubt(each, *_of_regions(each, view)) for each in found.findings]
    beside = host_case(view.sites, costs)
    host = await host_finding(beside, sides, confirmer, stage.part(1, 2)) if beside else None
    theirs = {**found.theirs}
    for each, other in zip(suspects, reversed(suspects), strict=True):
        why = await why_repeated(each, other, sides)
        common = as_often(each, other)
        repeated = each.findings(explained(cases, apart, each.side), why, common)
        doubts += [
            Doubt(one, tuple(sorted(of.superfluous)), ())
            for one, of in zip(repeated, each.repetitions, strict=True)
        ]
        theirs |= decided_there((each, other), why)
    for idle in alone.idle:
        doubts.append(Doubt(await idle.finding(view.sites, sides), idle.operators, ()))
    exchanger = Exchanger(sides, trials, view.sites, costs)
    findings = await exchanger.decided(doubts, stage.part(1, 2))
    findings += [host] if host is not None else []
    joined = netted(by_cause(findings, step_j), theirs, step_j)
    joined = told(joined, view.cut) if view.rest else joined
    return replace(found, findings=numbered(joined), theirs=theirs)


def _of_regions(finding: Finding, view: View) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The operators of a finding's regions, its own side's first."""
    pairs = [view.cut.regions[int(each.removeprefix("r"))] for each in finding.regions]
    a = sorted({i for pair in pairs for i in pair.a})
    b = sorted({i for pair in pairs for i in pair.b})
    return (tuple(a), tuple(b)) if finding.wasteful_side == "a" else (tuple(b), tuple(a))


def _step_j(costs: tuple[SideCost, SideCost]) -> dict[SideName, Quantity]:
    return {"a": costs[0].energy_j, "b": costs[1].energy_j}


def _ranges(subject: Subject, region: int) -> Ranges:
    """All that the sides run of a region."""
    pair = subject.view.cut.regions[region]
    a, b = (
        sites.location(frame) if (frame := sites.whole_range(operators, cost)) else None
        for sites, operators, cost in zip(
            subject.view.sites, (pair.a, pair.b), subject.costs, strict=True
        )
    )
    return a, b


def _trials(view: View, name: SideName) -> Trials:
    request, sites = view.request, view.sites[_SIDES.index(name)]
    side = request.a if name == "a" else request.b
    digest = names_digest(operator.name for operator in sites.recording.operators)
    return Trials(name, side, request.workspace, request.options, digest, files=sites.files)


async def _repeated(
    subject: Subject,
    judged: Sequence[Judged],
    sides: tuple[Side, Side],
    on_progress: OnProgress,
) -> tuple[tuple[Judged, ...], Sequence[SideCost]]:
    """What the fresh processes show too, and what both sides cost in them; timed longer while some
    of it stays undecided."""
    view, options = subject.view, subject.view.request.options
    schedule = Schedule(sides, view.prepared, options)
    kept = tuple(judged)
    if schedule.one_shot:
        return kept, subject.costs  # every step has been a fresh process already
    await schedule.warm_up()
    for number in range(_TRIES):
        progress = Progress("diagnose", 0.83 + 0.02 * number, "timing it in fresh processes")
        await schedule.time_blocks(on_progress, progress, 0.02)
        a, b = (
            replace(cost, timing=timing)
            for cost, timing in zip(subject.costs, schedule.timings, strict=True)
        )
        again = judge(view.groups, a, b, options.thresholds)
        kept = confirmed(judged, again)
        settled = kept == tuple(judged) or not any(each.undecided for each in again)
        if settled or not schedule.extensible:
            break
    return kept, [retimed(each, each.timing) for each in (a, b)]
