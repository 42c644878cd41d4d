"""What ranks beside the first do wastefully: rank k of one side against rank k of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.location import Location
from magneton_agent.schema.messages import Checked, Loaded, Sample
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Evidence, Finding, Outputs, Region, SideName

from ...analysis.apportioning import busy_cpus, cost_of
from ...analysis.classify import Judged, confirmed, judge
from ...analysis.cost import SideCost, Timing
from ...analysis.grouping import Group, group_alike
from ...analysis.regions import Cut
from ...analysis.statistics import CONFIDENCE
from ..assemble import Sites, regions_of
from ..cases import Case, cases_of
from ..confirming import Confirmer
from ..cutting import cut_recordings
from ..findings import findings_of
from ..replaying import OperatorEnergies
from ..request import Options
from ..rounds import complete, shortened
from ..runner import Runner
from ..side import Side
from .one import OneRank
from .replies import RankReplies
from .rows import ranks_of

_UNTRIED = "changes are tried in rank 0 only"
Place = tuple[SideName, Location | None, str]
"""Where a finding is: its wasteful side, its range, and the operator that costs most there."""


@dataclass(frozen=True)
class RankLook:
    """One rank of both sides after the first look."""

    rank: int
    cut: Cut
    groups: tuple[Group, ...]
    sites: tuple[Sites, Sites]
    costs: tuple[SideCost, SideCost]
    judged: tuple[Judged, ...]


@dataclass(frozen=True)
class OtherRanks:
    """The ranks beside the first, none of single processes."""

    looks: tuple[RankLook, ...]
    options: Options

    @classmethod
    def of(
        cls, sides: Sequence[Side], outputs: Outputs, energies: OperatorEnergies, options: Options
    ) -> OtherRanks:
        """A first look at them, once the sides have been sampled."""
        found = [ranks for side in sides if (ranks := ranks_of(side)) is not None]
        count = min((ranks.count for ranks in found), default=1) if len(found) > 1 else 1
        error = (1 - CONFIDENCE) / count
        told = [_told(sides, rank) for rank in range(count)]
        looks = (
            _look(rank, each, outputs, energies, options, error)
            for rank, each in enumerate(told)
            if rank and each is not None
        )
        return cls(tuple(looks), options)

    @property
    def wasteful(self) -> bool:
        """Whether any of them seems to do something wastefully."""
        return any(each.wasteful for look in self.looks for each in look.judged)

    async def findings(
        self, known: Sequence[Case], again: Sequence[Side]
    ) -> tuple[tuple[Finding, ...], tuple[Region, ...]]:
        """What holds in fresh processes too and is not ``known`` of a rank before, and the regions
        of that. ``again`` are both sides, timed once more."""
        places, findings, regions = {place_of(case) for case in known}, list[Finding](), []
        for look in self.looks:
            kept = _confirmed(look, again, self.options)
            cases = cases_of(kept, look.cut, look.sites, look.costs)
            fresh = [case for case in cases if place_of(case) not in places]
            places |= {place_of(case) for case in fresh}
            named = await _findings(look, fresh, again, self.options)
            findings += [_in_rank(each, look.rank) for each in named]
            regions += _regions(look, kept, named)
        return tuple(findings), tuple(regions)


def place_of(case: Case) -> Place:
    """Where ``case`` is, as it would be in another rank."""
    frame = case.ranges[0]
    location = case.sites[0].location(frame) if frame is not None else None
    operator = case.sites[0].recording.operators[case.dominant[0]]
    return case.wasteful, location, operator.name


@dataclass(frozen=True)
class _Told:
    """What one rank of one side has answered."""

    side: Side
    loaded: Loaded
    check: Checked
    recording: Recording
    samples: Sequence[Sample]
    timing: Timing


def _told(sides: Sequence[Side], rank: int) -> tuple[_Told, _Told] | None:
    """Of both sides, blocks paired; None where one never ran again what it was recorded with."""
    replies = [ranks.replies[rank] for side in sides if (ranks := ranks_of(side)) is not None]
    timings = _timings(replies)
    found = [
        _Told(side, each.loaded, each.check, each.recording, each.samples, timing)
        for side, each, timing in zip(sides, replies, timings, strict=False)
        if each.loaded is not None and each.check is not None and each.recording is not None
    ]
    return (found[0], found[1]) if len(found) > 1 else None


def _timings(replies: Sequence[RankReplies]) -> list[Timing]:
    """Operator times, as many blocks of as many steps of either side; none without blocks."""
    found = complete([each.blocks for each in replies], alternating=len(replies) > 1)
    if not found or not found[0].blocks:
        return []
    return shortened(found, min(len(block) for each in found for block in each.blocks))


def _look(
    rank: int,
    told: tuple[_Told, _Told],
    outputs: Outputs,
    energies: OperatorEnergies,
    options: Options,
    error: float,
) -> RankLook:
    a, b = (each.recording for each in told)
    cut = cut_recordings(a, b, outputs)
    groups = group_alike(cut, a, b)
    busy = busy_cpus([(each.recording, each.timing) for each in told])
    x, y = (
        energies.of_rank(
            number,
            each.loaded,
            each.recording,
            cost_of(each.recording, each.loaded, each.samples, each.timing, busy),
        )
        for number, each in enumerate(told)
    )
    sites = tuple(Sites.of(each.side, each.recording, each.check) for each in told)
    judged = judge(groups, x, y, options.thresholds, error)
    return RankLook(rank, cut, groups, (sites[0], sites[1]), (x, y), judged)


def _confirmed(look: RankLook, again: Sequence[Side], options: Options) -> tuple[Judged, ...]:
    """What fresh processes show too; all of it where every step was a fresh process already."""
    replies = [ranks.replies[look.rank] for side in again if (ranks := ranks_of(side)) is not None]
    timings = _timings(replies)
    if len(timings) < len(look.costs):
        return look.judged
    a, b = (replace(cost, timing=t) for cost, t in zip(look.costs, timings, strict=True))
    return confirmed(look.judged, judge(look.groups, a, b, options.thresholds))


async def _findings(
    look: RankLook, cases: Sequence[Case], again: Sequence[Side], options: Options
) -> tuple[Finding, ...]:
    runners: dict[SideName, Side] = {
        side.name: OneRank(side, side.ranks, look.rank)
        for side in again
        if isinstance(side, Runner) and side.ranks is not None
    }
    step_j: dict[SideName, Quantity] = {"a": look.costs[0].energy_j, "b": look.costs[1].energy_j}
    confirmer = Confirmer({}, {}, options.threshold, absent=_UNTRIED)
    found = await findings_of(cases, runners, step_j, confirmer, look.cut.regions)
    return found.findings


def _in_rank(finding: Finding, rank: int) -> Finding:
    """``finding``, said with its rank."""
    text = f"rank {rank} does this, and rank 0 does not"
    return replace(
        finding,
        regions=tuple(_region_id(rank, region) for region in finding.regions),
        message=f"rank {rank}: {finding.message}",
        evidence=(Evidence("rank", text, None), *finding.evidence),
    )


def _regions(look: RankLook, judged: Sequence[Judged], findings: Sequence[Finding]) -> list[Region]:
    named = {region for finding in findings for region in finding.regions}
    every = regions_of(look.cut, judged, *look.sites, look.costs) if named else ()
    return [replace(each, id=_region_id(look.rank, each.id)) for each in every if each.id in named]


def _region_id(rank: int, region: str) -> str:
    return f"rank{rank}.{region}"
