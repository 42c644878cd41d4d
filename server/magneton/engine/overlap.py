"""Keeps a saving from being counted twice, where a costlier region is so by repeated work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import SideName

from ..analysis.cost import SideCost
from ..analysis.sameness import keys_of
from ..analysis.statistics import Interval, ratio_interval
from .cases import Case
from .redundant import Instead, Suspect


def set_apart(cases: Sequence[Case], suspects: Sequence[Suspect], threshold: float) -> list[Case]:
    """The cases less what repeated work costs in them, which is a finding of its own; those of
    which next to nothing is left then, the other side's work or no difference beyond the
    ``threshold``, are left out."""
    by_side = {suspect.side: suspect for suspect in suspects}
    found = [_without_repeated(case, by_side[case.wasteful], threshold) for case in cases]
    return [case for case in found if case is not None]


def _without_repeated(case: Case, suspect: Suspect, threshold: float) -> Case | None:
    superfluous = {i for each in suspect.repetitions for i in each.superfluous}
    shared = superfluous.intersection(case.every[0])
    if not shared:
        return case
    repeated_j = _energy_of(sorted(shared), suspect.cost)
    saving_j = replace(
        case.saving_j,
        value=case.saving_j.value - repeated_j.value,
        low=case.saving_j.low - repeated_j.high,
        high=case.saving_j.high - repeated_j.low,
    )
    if saving_j.low < suspect.share * suspect.cost.energy_j.value:
        return None
    left = [operator for operator in case.every[0] if operator not in superfluous]
    if _is_same_work(case, left) or _ratio(case, left).low <= 1 / (1 - threshold):
        return None
    return replace(case, saving_j=saving_j, repeats=True)


def explained(cases: Sequence[Case], kept: Sequence[Case], side: SideName) -> list[Instead]:
    """What of ``cases`` repeated work of ``side`` explains whole: those that were not kept."""
    groups = {case.judged.group.regions for case in kept}
    return [
        Instead(case.every[0], case.counterpart)
        for case in cases
        if case.wasteful == side and case.judged.group.regions not in groups
    ]


def _is_same_work(case: Case, left: Sequence[int]) -> bool:
    """Whether what is ``left`` is what the other side runs: nothing of it can be a finding."""
    own, other = (keys_of(site.recording) for site in case.sites)
    return [own[i] for i in left] == [other[i] for i in case.every[1]]


def _ratio(case: Case, left: Sequence[int]) -> Interval:
    """The energy of what is ``left`` of the wasteful side over the other's."""
    a, b = (
        cost.blocks_of(operators, cost.power_w)
        for cost, operators in zip(case.costs, (left, case.every[1]), strict=True)
    )
    return ratio_interval(a, b)


def _energy_of(operators: Sequence[int], cost: SideCost) -> Quantity:
    return cost.energy_of(operators).scaled(cost.to_whole_steps)
