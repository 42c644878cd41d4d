"""What nothing matched, where it makes most of the difference between two steps."""

from __future__ import annotations

from dataclasses import replace

from magneton.analysis.classify import Judged, judge
from magneton.analysis.cost import SideCost
from magneton.analysis.grouping import Group
from magneton.analysis.regions import Cut, RegionPair
from magneton.engine.rest import rest_of, told
from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.result import Evidence
from tests.analysis.steps import blocks, cost
from tests.builders import finding

MATCHED = Group((0,), (0,), (0,))
CUT = Cut((RegionPair((0,), (0,), "forward", (), ()),), (1, 2), (1,))
TEXT = (
    "no values were matched between these operators: they are what is left of both steps, whose "
    "outputs are equal"
)


def seconds(*operators: float) -> SideCost:
    return cost(blocks(*[operators] * 6), (1.0,) * len(operators), energy_j=sum(operators))


def found_of(a: SideCost, b: SideCost, cut: Cut = CUT) -> tuple[Cut, Judged] | None:
    judged = judge((MATCHED,), a, b, Thresholds())
    return rest_of(cut, (MATCHED,), judged, (a, b), Thresholds())


def test_it_is_one_more_region_where_it_costs_more() -> None:
    found = found_of(seconds(1.0, 0.2, 0.2), seconds(1.0, 0.9))
    assert found is not None
    cut, judged = found
    assert cut == replace(CUT, regions=(*CUT.regions, RegionPair((1, 2), (1,), "forward", (), ())))
    assert (judged.wasteful, judged.group) == ("b", Group((1,), (1, 2), (1,)))
    assert round(judged.saving_j.value, 6) == 0.5


def test_what_matched_says_more_where_it_makes_more_of_the_difference() -> None:
    assert found_of(seconds(2.0, 0.4, 0.4), seconds(1.0, 0.4)) is None
    assert found_of(seconds(1.3, 0.4, 0.4), seconds(1.0, 0.4)) is not None
    # Of the other side the rest is told beside it.
    assert found_of(seconds(2.0, 0.2, 0.2), seconds(1.0, 0.9)) is not None


def test_there_is_none_where_both_cost_the_same_or_one_has_nothing_left() -> None:
    assert found_of(seconds(1.0, 0.2, 0.2), seconds(1.0, 0.4)) is None
    alone = replace(CUT, unmatched_b=())
    assert found_of(seconds(1.0, 0.5, 0.5), seconds(1.0), alone) is None


def test_its_finding_says_what_it_is() -> None:
    cut = replace(CUT, regions=(*CUT.regions, *CUT.regions))
    first, rest = finding(regions=("r0",), evidence=()), finding(regions=("r1",), evidence=())
    noted = replace(rest, evidence=(Evidence("operators", TEXT, None),))
    assert told([first, rest], cut) == [first, noted]
