"""Takes what one decision makes the other side do more off what it saves: a cache costs copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.statistics import share_of
from .told import Told

Explained = tuple[Finding, Sequence[Told]]
"""A finding, and all that it was made from."""


def netted(found: Sequence[Explained], step_j: Mapping[SideName, Quantity]) -> list[Finding]:
    """The findings, of which those of the other side that one and the same decision makes are taken
    off the one that saves surely more."""
    left = sorted(found, key=lambda each: -_saving_j(each[0]).value)
    findings: list[Finding] = []
    while left:
        finding, members = left.pop(0)
        for other in [each for each in left if _is_one_decision(members, each[1])]:
            if _saving_j(finding).low > _saving_j(other[0]).high:
                finding = _less(finding, other[0], step_j)
                left.remove(other)
        findings.append(finding)
    return findings


def _is_one_decision(one: Sequence[Told], other: Sequence[Told]) -> bool:
    decisions = [{each.both_decided_by() for each in members} - {None} for members in (one, other)]
    return one[0].side != other[0].side and not decisions[0].isdisjoint(decisions[1])


def _less(finding: Finding, other: Finding, step_j: Mapping[SideName, Quantity]) -> Finding:
    saved, spent = _saving_j(finding), _saving_j(other)
    net = Quantity(
        saved.value - spent.value, saved.low - spent.high, saved.high - spent.low, saved.source
    )
    share = 100 * spent.value / saved.value
    text = (
        f"for the same reason side {other.wasteful_side} takes more in {other.count} other "
        f"places, {share:.2g} % of what side {finding.wasteful_side} takes more: the saving is "
        "what is left, the figures of both sides are of all of them"
    )
    return replace(
        finding,
        regions=(*finding.regions, *other.regions),
        count=finding.count + other.count,
        saving_j=net,
        saving_ratio=share_of(net, step_j[finding.wasteful_side]),
        evidence=(*finding.evidence, Evidence("energy", text, other.location)),
    )


def _saving_j(finding: Finding) -> Quantity:
    assert isinstance(finding.saving_j, Quantity)  # regions are compared by figures
    return finding.saving_j
