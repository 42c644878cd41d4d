"""Groups of regions that have a wasteful side, told from that side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame, Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import SideName

from ..analysis.classify import Judged
from ..analysis.cost import SideCost
from ..analysis.diagnosis.facts import WaitFact
from ..analysis.grouping import telling
from ..analysis.host_waits import host_waits
from ..analysis.paths import call_path
from ..analysis.regions import Cut
from ..analysis.sameness import but_views, same_work
from ..analysis.statistics import Interval
from ..analysis.versions import innermost_differing
from .assemble import Sites, dominant

Pair = tuple[Sites, Sites]


@dataclass(frozen=True)
class Case:
    """One group of regions with a wasteful side, told from that side. ``repeats`` says that it also
    repeats work, of which ``saving_j`` holds nothing."""

    judged: Judged
    saving_j: Quantity
    wasteful: SideName
    sites: Pair
    costs: tuple[SideCost, SideCost]
    operators: tuple[tuple[int, ...], tuple[int, ...]]
    dominant: tuple[int, int]
    ranges: tuple[Frame | None, Frame | None]
    repeats: bool = False

    @property
    def energy_ratio(self) -> Interval:
        """The wasteful side's energy over the other's."""
        ratio = self.judged.energy_ratio
        if self.wasteful == "a":
            return ratio
        return Interval(1 / ratio.value, 1 / ratio.high, 1 / ratio.low)

    @property
    def every(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The operators of all regions of the group."""
        group = self.judged.group
        return (group.a, group.b) if self.wasteful == "a" else (group.b, group.a)

    @property
    def same_calls(self) -> bool:
        """Whether both sides run operators of the same names, also those that only move data."""
        own, other = (
            [site.recording.operators[i].name for i in operators]
            for site, operators in zip(self.sites, self.every, strict=True)
        )
        return own == other

    @property
    def does_the_same(self) -> bool:
        """Whether both sides do the very same work, apart from views of it that make less than half
        of the difference: what they differ in is then the machine's."""
        work = [
            but_views(site.recording, each)
            for site, each in zip(self.sites, self.every, strict=True)
        ]
        own, other = (site.recording for site in self.sites)
        if not work[0] or not same_work((own, other), (work[0], work[1])):
            return False
        work_j, all_j = (
            [cost.energy_of(each).value for cost, each in zip(self.costs, both, strict=True)]
            for both in (work, self.every)
        )
        return 2 * (work_j[0] - work_j[1]) > all_j[0] - all_j[1]

    @property
    def versions(self) -> tuple[str, str, str] | None:
        """A package that both sides call in other versions: its name, that of either side."""
        own, other = (
            [frame for frame in call_path(site.recording, operator) if not site.is_user(frame)]
            for site, operator in zip(self.sites, self.dominant, strict=True)
        )
        return innermost_differing(own, other, self.sites[0].packages, self.sites[1].packages)

    @property
    def counterpart(self) -> Location | None:
        """Where the other side does the same."""
        frame = self.ranges[1]
        return self.sites[1].location(frame) if frame is not None else None

    @property
    def waits(self) -> WaitFact | None:
        """Where the wasteful side's host waits for its device, None where it does not."""
        sites, operators = self.sites, self.every
        waits, others = (
            host_waits(site.recording, each) for site, each in zip(sites, operators, strict=True)
        )
        if not waits:
            return None
        spent_j, all_j = (
            [cost.energy_of(each).value for cost, each in zip(self.costs, both, strict=True)]
            for both in (([each.id for each in waits], [each.id for each in others]), operators)
        )
        difference_j = all_j[0] - all_j[1]
        frame = sites[0].user_frame(waits[0].id)
        return WaitFact(
            names=tuple(dict.fromkeys(each.name for each in waits)),
            times=len(waits),
            other_times=len(others),
            share=(spent_j[0] - spent_j[1]) / difference_j if difference_j > 0 else 0.0,
            frame=frame,
            text=sites[0].text(frame) if frame is not None else None,
        )

    def telling(self, index: int) -> tuple[Operator, ...]:
        """The operators that tell what the region does on one side."""
        recording = self.sites[index].recording
        return telling(recording.operators[i] for i in self.operators[index])


def cases_of(
    judged: Sequence[Judged], cut: Cut, sites: Pair, costs: tuple[SideCost, SideCost]
) -> list[Case]:
    """The groups that have a wasteful side, costliest first."""
    found = [_case(each, cut, sites, costs) for each in judged if each.wasteful is not None]
    return sorted(found, key=lambda case: -case.judged.saving_j.value)


def _case(judged: Judged, cut: Cut, sites: Pair, costs: tuple[SideCost, SideCost]) -> Case:
    first = cut.regions[judged.group.regions[0]]
    operators, wasteful = (first.a, first.b), judged.wasteful or "a"
    if wasteful == "b":
        sites, costs, operators = sites[::-1], costs[::-1], operators[::-1]
    chosen = (dominant(operators[0], costs[0]), dominant(operators[1], costs[1]))
    ranges = (
        sites[0].user_range(operators[0], costs[0]),
        sites[1].user_range(operators[1], costs[1]),
    )
    saving_j = judged.saving_j.scaled(costs[0].to_whole_steps)
    return Case(judged, saving_j, wasteful, sites, costs, operators, chosen, ranges)
