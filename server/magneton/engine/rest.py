"""What is left of both steps where nothing matched, as one more region.

Outputs are equal and everything else computes the same on both sides, so that what is left must
come to the same too, by whatever values. It is looked at where it makes more of the difference
between the steps than all that matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.judging import Thresholds
from magneton_agent.schema.result import Evidence, Finding

from ..analysis.classify import Judged, judge
from ..analysis.cost import SideCost
from ..analysis.grouping import Group
from ..analysis.regions import Cut, RegionPair


def rest_of(
    cut: Cut,
    groups: Sequence[Group],
    judged: Sequence[Judged],
    costs: tuple[SideCost, SideCost],
    thresholds: Thresholds,
) -> tuple[Cut, Judged] | None:
    """``cut`` with what it leaves unmatched as its last region, and that region's class; None where
    one side has nothing left, or where it costs neither side more than what matched does."""
    a, b = cut.unmatched_a, cut.unmatched_b
    if not a or not b:
        return None
    group = Group((len(cut.regions),), a, b)
    found = judge((*groups, group), *costs, thresholds)[-1]
    others_j = sum(each.saving_j.value for each in judged if each.wasteful == found.wasteful)
    if found.wasteful is None or found.saving_j.value <= others_j:
        return None
    left = RegionPair(a, b, "forward", (), ())
    return replace(cut, regions=(*cut.regions, left)), found


def told(findings: Sequence[Finding], cut: Cut) -> list[Finding]:
    """``findings``, of which those about the last region of ``cut`` say what it is."""
    region = f"r{len(cut.regions) - 1}"
    text = (
        "no values were matched between these operators: they are what is left of both steps, "
        "whose outputs are equal"
    )
    return [
        replace(each, evidence=(*each.evidence, Evidence("operators", text, None)))
        if region in each.regions
        else each
        for each in findings
    ]
