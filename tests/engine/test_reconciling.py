"""What is said where the figures of one finding do not follow from each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from magneton.analysis.classify import judge
from magneton.analysis.flow import flow_of
from magneton.analysis.grouping import group_alike
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine.assemble import Sites
from magneton.engine.cases import Case, cases_of
from magneton.engine.reconciling import beside_ratio, together
from magneton.source.positions import Locator
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.result import Evidence
from tests.agent.recordings import recorded
from tests.analysis.steps import exact
from tests.builders import finding, quantity
from tests.engine.explained import seconds

X = torch.rand(64)


@pytest.fixture(scope="module")
def case() -> Case:
    """Side a computes in five operators of a joule what side b does in one."""
    a, b = recorded(lambda: 1 / (1 + torch.exp(-X))), recorded(lambda: torch.sigmoid(X))
    flows = (flow_of(a), flow_of(b))
    cut = cut_flows(*flows, match_flows(*flows))
    sites = tuple(Sites(each, Locator(Path(__file__).parent)) for each in (a, b))
    costs = (seconds(a), seconds(b))
    judged = judge(group_alike(cut, a, b), *costs, Thresholds())
    (found,) = cases_of(judged, cut, (sites[0], sites[1]), costs)
    return found


def test_figures_that_follow_from_each_other_need_no_words(case: Case) -> None:
    assert beside_ratio(case) == ()


def test_repeated_work_is_in_the_ratio_and_not_in_the_saving(case: Case) -> None:
    text = (
        "some of them repeat work, which is a finding of its own: the ratio and the figures of "
        "both sides hold what that costs, this saving does not"
    )
    assert beside_ratio(replace(case, repeats=True)) == (Evidence("repeated", text, None),)


def test_timed_steps_that_took_more_than_whole_ones(case: Case) -> None:
    own = case.costs[0]
    # Of a step of 2.5 J the operators took 5: the saving is half of what they differ by.
    slow = replace(own, energy_j=exact(2.5), residual_j=exact(-2.5))
    (found,) = beside_ratio(replace(case, costs=(slow, case.costs[1])))
    assert found.text == (
        "operators took more where they were timed than in whole steps: the saving is 50 % of what "
        "the figures of both sides differ by"
    )


@pytest.mark.parametrize("wasteful_is_b", [False, True])
def test_typical_times_against_the_fastest(case: Case, wasteful_is_b: bool) -> None:
    own = case.costs[0]
    disturbed = replace(own, duration_s=tuple(2 * each for each in own.duration_s))
    shown = replace(case, costs=(disturbed, case.costs[1]))
    if wasteful_is_b:
        group = replace(case.judged.group, a=case.judged.group.b, b=case.judged.group.a)
        ratio = case.judged.energy_ratio
        turned = replace(ratio, value=1 / ratio.value, low=1 / ratio.high, high=1 / ratio.low)
        judged = replace(case.judged, group=group, energy_ratio=turned, wasteful="b")
        shown = replace(shown, wasteful="b", judged=judged)
    (found,) = beside_ratio(shown)
    assert found.text.startswith("the figures of both sides are of the typical time of each op")


def test_of_several_places_the_ratio_is_that_of_the_costliest() -> None:
    repeated = Evidence("repeated", "they repeat work", None)
    first = finding(count=4, evidence=(Evidence("energy", "twice", None),))
    second = finding(count=2, evidence=(Evidence("energy", "thrice", None), repeated))
    found = together([first, second])
    assert [each.text for each in found] == [
        "twice",
        "the ratio is of 4 of the 6 places that this cause explains, those that save most; the "
        "figures of both sides and the saving are of all of them",
        "they repeat work",
    ]


def test_the_first_need_not_save_most_and_may_have_no_cause() -> None:
    first, second = finding(cause=None), finding(saving_j=quantity(0.9))
    text = "the ratio is of 1 of the 2 places that come from one place, the first of them; the "
    assert together([first, second])[-1].text.startswith(text)
