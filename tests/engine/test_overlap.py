"""Regions that cost more as one side repeats work in them: no joule is saved twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from magneton.analysis.classify import judge, verdict
from magneton.analysis.cost import SideCost
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.analysis.statistics import Interval
from magneton.engine.assemble import Sites
from magneton.engine.cases import Case, cases_of
from magneton.engine.overlap import explained, set_apart
from magneton.engine.redundant import Suspect, suspect
from magneton.source.positions import Locator
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded
from tests.analysis.steps import blocks, cost, exact

HERE = Path(__file__)
torch.manual_seed(0)
X, W = torch.rand(64), torch.rand(64)


def table(x: Tensor) -> Tensor:
    return torch.cos(x).cumsum(-1).sqrt()


def compared(
    a: Callable[[], Tensor], b: Callable[[], Tensor]
) -> tuple[list[Case], tuple[Suspect, Suspect]]:
    """What two steps, in which every operator takes 1 J, differ in and repeat."""
    recordings = (recorded(a), recorded(b))
    flows = (flow_of(recordings[0]), flow_of(recordings[1]))
    cut = cut_flows(*flows, match_flows(*flows))
    sites = (_sites(recordings[0]), _sites(recordings[1]))
    costs = (_joules(recordings[0]), _joules(recordings[1]))
    judged = judge(group_alike(cut, *recordings), *costs, Thresholds())
    suspects = (suspect("a", sites[0], costs[0], 0.01), suspect("b", sites[1], costs[1], 0.01))
    return cases_of(judged, cut, sites, costs), suspects


def _sites(recording: Recording) -> Sites:
    return Sites(recording, Locator(HERE.parent))


def _joules(recording: Recording) -> SideCost:
    count = len(recording.operators)
    return cost(blocks(*[(1.0,) * count] * 6), (1.0,) * count, energy_j=float(count))


def rebuilding() -> Tensor:
    y = W
    for _ in range(3):
        y = y * 0.5 + table(X)
    return y


def keeping() -> Tensor:
    y, kept = W, table(X)
    for _ in range(3):
        y = y * 0.5 + kept
    return y


def test_what_repeated_work_explains_whole_is_that_finding_alone() -> None:
    cases, suspects = compared(rebuilding, keeping)
    assert [(case.wasteful, case.saving_j.value) for case in cases] == [("a", 6.0)]
    kept = set_apart(cases, suspects, 0.1)
    assert kept == []
    (found,) = suspects[0].findings(explained(cases, kept, "a"))
    assert found.category == "redundant"
    assert found.saving_j == cases[0].saving_j  # 2 * 3 operators of 1 J
    assert found.counterpart == cases[0].counterpart
    assert found.counterpart is not None
    line = HERE.read_text().split("\n").index("        y = y * 0.5 + kept") + 1
    assert found.counterpart.start.line == line
    assert explained(cases, kept, "b") == []


def test_a_finding_that_is_left_out_has_no_part_in_the_verdict() -> None:
    cases, suspects = compared(rebuilding, keeping)
    wasteful = [replace(case, judged=replace(case.judged, class_="waste")) for case in cases]
    kept = set_apart(wasteful, suspects, 0.1)
    found = suspects[0].findings(explained(wasteful, kept, "a"))
    assert verdict(True, found, Interval(1.0, 0.95, 1.05), 0.1) == "performance"


def test_what_else_costs_more_stays_without_the_repeated_work() -> None:
    def detour() -> Tensor:
        first = table(X)
        return torch.exp(torch.log(table(X) * W)) + first

    def straight() -> Tensor:
        first = table(X)
        return first * W + first

    cases, suspects = compared(detour, straight)
    assert [case.saving_j.value for case in cases] == [5.0]
    (kept,) = set_apart(cases, suspects, 0.1)
    # Of the 5 J three are the table's, which is 3 of 10 operators: log and exp are left.
    assert (kept.saving_j.value, kept.repeats) == (2.0, True)
    (found,) = suspects[0].findings(explained(cases, [kept], "a"))
    assert (found.saving_j, found.counterpart) == (exact(3.0), None)


def test_what_is_left_must_differ_from_the_other_sides_by_the_threshold() -> None:
    def detour() -> Tensor:
        first = table(X)
        return torch.exp(torch.log(table(X) * W)) + first

    def straight() -> Tensor:
        first = table(X)
        return first * W + first

    cases, suspects = compared(detour, straight)
    # 3 operators are left of one side, the other has 1: two thirds of their energy.
    assert [len(set_apart(cases, suspects, at)) for at in (0.66, 0.67)] == [1, 0]


def test_what_is_left_is_no_finding_where_it_is_the_other_sides_work() -> None:
    cases, suspects = compared(rebuilding, keeping)
    slower = replace(cases[0].costs[0], duration_s=(2.0,) * len(cases[0].costs[0].duration_s))
    timed = replace(slower, timing=blocks(*[slower.duration_s] * 6))
    assert set_apart([replace(cases[0], costs=(timed, cases[0].costs[1]))], suspects, 0.1) == []


def test_a_case_that_repeats_nothing_is_as_it_was() -> None:
    cases, suspects = compared(lambda: 1 / (1 + torch.exp(-X)), lambda: torch.sigmoid(X))
    assert len(cases) == 1
    assert set_apart(cases, suspects, 0.1) == cases
