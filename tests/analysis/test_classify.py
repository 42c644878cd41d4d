"""Classes of groups and the verdict, on costs made by hand.

Noise comes in pairs of blocks (1.0, 1.0, 1.6, 1.6): what changes from each block to the next is the
order of the sides, and no noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from magneton.analysis.classify import (
    Judged,
    confirmed,
    judge,
    resolvable,
    verdict,
)
from magneton.analysis.cost import SideCost
from magneton.analysis.grouping import Group
from magneton.analysis.statistics import Interval
from magneton_agent.schema.judging import Resolvable, Thresholds
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Class, Finding, SideName, Verdict
from tests import builders
from tests.analysis.steps import blocks, cost, exact

ONE = Group((0,), (0,), (0,))


def side(*durations_s: float, power_w: float = 1.0, energy_j: float = 10.0) -> SideCost:
    """A side with one operator, timed in sixteen blocks: ``durations_s`` again and again."""
    repeated = (durations_s * 16)[:16]
    return cost(blocks(*((each,) for each in repeated)), (power_w,), energy_j)


def judged(a: SideCost, b: SideCost, threshold: float = 0.10) -> Judged:
    return judge([ONE], a, b, Thresholds(energy=threshold))[0]


# The wasteful side's power and time against 1 W and 1 s.
QUADRANTS = [
    (1.0, 2.0, "performance"),
    (2.0, 1.0, "waste"),
    (2.0, 1.005, "waste"),  # efficient side 0.5 % faster: not surely
    (2.0, 0.995, "waste"),  # and 0.5 % slower
    (2.0, 1.02, "performance"),
    (4.0, 0.5, "trade-off"),
    (2.0, 0.98, "trade-off"),
]


@pytest.mark.parametrize(("power_w", "duration_s", "class_"), QUADRANTS)
@pytest.mark.parametrize("wasteful", ["a", "b"])
def test_quadrants(power_w: float, duration_s: float, class_: Class, wasteful: SideName) -> None:
    costly, cheap = side(duration_s, power_w=power_w), side(1.0)
    found = judged(costly, cheap) if wasteful == "a" else judged(cheap, costly)
    assert (found.class_, found.wasteful) == (class_, wasteful)
    # What the wasteful side takes less what the other does.
    assert found.saving_j.value == pytest.approx(power_w * duration_s - 1.0)
    assert not found.undecided


def test_time_that_may_be_either_way_is_waste() -> None:
    # Time 0.9 to 1.1 of the other side's; energy three times that.
    found = judged(side(0.9, 0.9, 1.1, 1.1, power_w=3.0), side(1.0))
    assert found.class_ == "waste"


@pytest.mark.parametrize(
    ("ratio", "class_"),
    [(1.0, "equal"), (1.11, "equal"), (1.12, "performance"), (1 / 1.11, "equal")],
)
def test_the_threshold_is_a_share_of_the_wasteful_side(ratio: float, class_: Class) -> None:
    # 10 % of the wasteful side: a ratio of 1 / 0.9 = 1.111.
    assert judged(side(ratio), side(1.0)).class_ == class_


@pytest.mark.parametrize(("threshold", "class_"), [(0.5, "equal"), (0.2, "performance")])
def test_another_threshold(threshold: float, class_: Class) -> None:
    assert judged(side(1.5), side(1.0), threshold).class_ == class_


@pytest.mark.parametrize(
    ("thresholds", "class_"),
    [
        (Thresholds(), "performance"),
        (Thresholds(time=0.4), "performance"),  # the other side takes 1 / 2 of the time
        (Thresholds(time=0.6), "waste"),
        (Thresholds(region=0.21), "unresolved"),  # 2 J of 10 J
        (Thresholds(region=0.20), "performance"),
    ],
)
def test_the_other_thresholds(thresholds: Thresholds, class_: Class) -> None:
    assert judge([ONE], side(2.0), side(1.0), thresholds)[0].class_ == class_


def test_within_the_noise() -> None:
    found = judged(side(1.0, 1.0, 1.6, 1.6), side(1.0))
    assert (found.class_, found.wasteful) == ("unresolved", None)
    assert found.saving_j == exact(0.0)
    assert found.undecided  # its typical value, 1.26, is beyond the threshold


def test_within_the_noise_and_likely_equal() -> None:
    found = judged(side(1.0, 1.0, 1.2), side(1.0))
    assert (found.class_, found.undecided) == ("unresolved", False)


@pytest.mark.parametrize("wasteful", ["a", "b"])
def test_the_one_per_cent_is_of_the_wasteful_sides_step(wasteful: SideName) -> None:
    # 2 J of 201 J against 1 J of 10 J.
    costly, cheap = side(2.0, energy_j=201.0), side(1.0, energy_j=10.0)
    found = judged(costly, cheap) if wasteful == "a" else judged(cheap, costly)
    assert (found.class_, found.wasteful, found.undecided) == ("unresolved", None, False)
    costly = replace(costly, energy_j=exact(200.0))
    found = judged(costly, cheap) if wasteful == "a" else judged(cheap, costly)
    assert (found.class_, found.wasteful) == ("performance", wasteful)


NOISY = (1.15, 1.15, 1.45, 1.45)


def test_intervals_widen_with_the_number_of_groups() -> None:
    # Logarithms of the ratio 0.256 ± 0.116, eight each: a standard error of
    # sqrt(16 * 0.116² / (10 * 8)) = 0.052. For one group 2.31 of them decide (from 1.15 on), for
    # forty (1 - 0.05 / 40) 4.9 (from 1.00 on).
    a = side(*NOISY)
    b = side(1.0)
    assert judge([ONE], a, b, Thresholds())[0].class_ == "performance"
    many = judge([ONE] * 40, a, b, Thresholds())
    assert {each.class_ for each in many} == {"unresolved"}
    assert all(each.undecided for each in many)


def test_groups_too_small_to_matter_widen_nothing() -> None:
    # Operator 0 matters; operator 1 takes 0.5 % of either step.
    def two(*durations_s: float) -> SideCost:
        return cost(blocks(*((each, 0.05) for each in durations_s)), (1.0, 1.0))

    a, b = two(*NOISY * 4), two(*[1.0] * 16)
    small = Group((1,), (1,), (1,))
    assert judge([ONE, *[small] * 39], a, b, Thresholds())[0].class_ == "performance"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (side(0.0), side(1.0)),
        (side(1.0), side(0.0)),
        (side(1.0, power_w=0.0), side(1.0)),
        (side(0.0), side(0.0)),
    ],
)
def test_what_took_nothing_has_no_class(a: SideCost, b: SideCost) -> None:
    found = judged(a, b)
    assert (found.class_, found.wasteful, found.undecided) == ("unresolved", None, False)


@pytest.mark.parametrize("group", [Group((0,), (), (0,)), Group((0,), (0,), ())])
def test_a_group_of_one_side_alone_has_no_class(group: Group) -> None:
    found = judge([group], side(2.0), side(1.0), Thresholds())[0]
    assert (found.class_, found.wasteful, found.undecided) == ("unresolved", None, False)


def test_a_single_block_decides_nothing() -> None:
    one, other = (cost(blocks((each,)), (1.0,)) for each in (5.0, 1.0))
    found = judge([ONE], one, other, Thresholds())[0]
    assert (found.class_, found.undecided) == ("unresolved", True)


@pytest.mark.parametrize("wasteful", ["a", "b"])
def test_the_savings_interval(wasteful: SideName) -> None:
    # Logarithms of the ratio ln(sqrt(8)) ± 0.3466, eight each: a standard error of 0.155, of which
    # t(0.975, 8) = 2.306 make 0.3574. The costly side takes 3 J ± 2.306 * sqrt(16 / (10 * 8)).
    costly, cheap = side(2.0, 2.0, 4.0, 4.0), side(1.0)
    costly = replace(costly, duration_s=(3.0,))
    found = judged(costly, cheap) if wasteful == "a" else judged(cheap, costly)
    ratio = math.sqrt(8)
    assert found.wasteful == wasteful
    assert found.saving_j.value == pytest.approx(3.0 * (1 - 1 / ratio))
    assert found.saving_j.low == pytest.approx(1.9687 * (1 - math.exp(0.3574) / ratio), rel=1e-3)
    assert found.saving_j.high == pytest.approx(4.0313 * (1 - math.exp(-0.3574) / ratio), rel=1e-3)


@pytest.mark.parametrize(("ratio", "class_"), [(2.0, "unresolved"), (1.0, "equal")])
def test_the_same_work_is_never_a_finding(ratio: float, class_: Class) -> None:
    same = replace(ONE, same_work=True)
    found = judge([same], side(ratio), side(1.0), Thresholds())[0]
    assert (found.class_, found.wasteful, found.undecided) == (class_, None, False)


def test_the_same_work_widens_nothing() -> None:
    a, b = side(*NOISY), side(1.0)
    found = judge([ONE, *[replace(ONE, same_work=True)] * 39], a, b, Thresholds())
    assert found[0].class_ == "performance"


def test_no_groups() -> None:
    assert judge([], side(1.0), side(1.0), Thresholds()) == ()


def finding(class_: Class, wasteful: SideName | None, saving_j: float = 1.0) -> Judged:
    ratio = Interval(2.0, 1.9, 2.1)
    return Judged(ONE, class_, wasteful, ratio, ratio, exact(saving_j), undecided=False)


@pytest.mark.parametrize("other", ["b", None])
def test_what_does_not_repeat_is_unresolved(other: SideName | None) -> None:
    first = [finding("waste", "a"), finding("performance", "b")]
    again = [finding("waste", other), finding("waste", "b")]
    kept = confirmed(first, again)
    assert (kept[0].class_, kept[0].wasteful, kept[0].saving_j) == ("unresolved", None, exact(0.0))
    assert kept[1] == first[1]


WIDE, EVEN, UNLIKE = Interval(1.0, 0.8, 1.3), Interval(1.0, 0.95, 1.05), Interval(2.0, 1.9, 2.1)


def explained(class_: Class, side: SideName = "a", saving_j: float = 1.0) -> Finding:
    return builders.finding(class_=class_, wasteful_side=side, saving_j=builders.quantity(saving_j))


@pytest.mark.parametrize(
    ("findings", "step", "expected"),
    [
        ([], EVEN, "equal"),
        ([], WIDE, "unresolved"),
        ([], UNLIKE, "unresolved"),
        ([explained("waste")], EVEN, "waste"),
        ([explained("waste"), explained("trade-off", "b", 2.0)], EVEN, "trade-off"),
        ([explained("waste", "a", 3.0), explained("trade-off", "b", 2.0)], EVEN, "waste"),
    ],
)
def test_verdicts(findings: Sequence[Finding], step: Interval, expected: Verdict) -> None:
    assert verdict(True, findings, step, 0.10) == expected
    assert verdict(None, findings, step, 0.10) == expected
    assert verdict(False, findings, step, 0.10) == "different"


def test_figures_keep_their_source() -> None:
    a = cost(blocks(*[(2.0,)] * 16), (1.0,), source="apportioned")
    assert judged(a, side(1.0)).saving_j.source == "apportioned"


def repeated(side: SideName, low: float, high: float) -> Finding:
    saving_j = builders.quantity((low + high) / 2, low, high)
    return builders.repeated(wasteful_side=side, saving_j=saving_j)


def test_what_one_side_alone_repeats_is_a_difference() -> None:
    found = [repeated("b", 0.2, 0.3)]
    assert verdict(True, found, EVEN, 0.1) == "performance"
    assert verdict(True, found, WIDE, 0.1) == "performance"
    assert verdict(True, [*found, explained("waste")], EVEN, 0.1) == "waste"
    assert verdict(True, [*found, explained("waste", "a", 0.1)], EVEN, 0.1) == "performance"


def test_what_both_sides_repeat_is_none() -> None:
    both = [repeated("a", 1.0, 1.05), repeated("b", 0.92, 0.99)]
    assert verdict(True, both, EVEN, 0.1) == "equal"
    assert verdict(True, both, EVEN, 0.001) == "performance"
    assert verdict(True, [*both, explained("waste", "a", 0.1)], EVEN, 0.1) == "waste"


def test_what_could_have_been_resolved() -> None:
    # Half of the interval of the ratio's logarithm is 0.05; 1.4 of it is seen four times of five.
    ratio = Interval(1.0, math.exp(-0.05), math.exp(0.05))
    found = resolvable(ratio, exact(10.0))
    assert isinstance(found, Resolvable)
    assert found.share == pytest.approx(1 - math.exp(-0.07))
    assert found.energy_j == pytest.approx(0.676, rel=1e-3)


@pytest.mark.parametrize("low", [0.0, math.nan])
def test_a_ratio_without_bounds_resolves_nothing(low: float) -> None:
    found = resolvable(Interval(1.0, low, math.inf), exact(10.0))
    assert found == Absent("there are too few windows to tell")
