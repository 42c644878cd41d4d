"""Takes what one decision makes the other side do more off what it saves: a cache costs copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.statistics import share_of
from .merging import Decision, decided_by

Theirs = Mapping[Decision, Location]
"""Where the other side gives its value of what decides, as far as that is known."""


def netted(
    findings: Sequence[Finding], theirs: Theirs, step_j: Mapping[SideName, Quantity]
) -> list[Finding]:
    """The findings, of which those of the other side that one and the same decision makes are taken
    off the one that saves surely more."""
    left = sorted(findings, key=lambda each: -_saving_j(each).value)
    found: list[Finding] = []
    while left:
        finding = left.pop(0)
        for other in [each for each in left if _is_one_decision(finding, each, theirs)]:
            if _saving_j(finding).low > _saving_j(other).high:
                finding = _less(finding, other, step_j)
                left.remove(other)
        found.append(finding)
    return found


def _is_one_decision(x: Finding, y: Finding, theirs: Theirs) -> bool:
    """Whether one name decides on both, with the values of the sides exchanged, and each side gives
    its own in one place, as far as that is known."""
    own, other = decided_by(x), decided_by(y)
    if own is None or other is None or x.wasteful_side == y.wasteful_side:
        return False
    (name, *values), (others_name, *others_values) = (
        map(as_python, own[1]),
        map(as_python, other[1]),
    )
    places = ((theirs.get(own), other[2]), (theirs.get(other), own[2]))
    known = [there == place for there, place in places if there is not None]
    return name == others_name and values == others_values[::-1] and all(known)


def as_python(text: str) -> str:
    """A value of a file of options as Python has it, without quotes."""
    bare = text.strip("'\"")
    return {"true": "True", "false": "False", "null": "None"}.get(bare, bare)


def _less(finding: Finding, other: Finding, step_j: Mapping[SideName, Quantity]) -> Finding:
    saved, spent = _saving_j(finding), _saving_j(other)
    net = Quantity(
        saved.value - spent.value, saved.low - spent.high, saved.high - spent.low, saved.source
    )
    side, share = finding.wasteful_side, 100 * spent.value / saved.value
    text = (
        f"for the same reason side {other.wasteful_side} takes more elsewhere, {share:.2g} % of "
        f"what side {side} takes more: the saving is what is left"
    )
    regions = other.regions if finding.regions else ()
    if finding.regions:
        what = "are of all of it" if other.regions else "do not hold that"
        text += f", the figures of both sides {what}"
    return replace(
        finding,
        regions=(*finding.regions, *regions),
        count=finding.count + len(regions),
        saving_j=net,
        saving_ratio=share_of(net, step_j[side]),
        evidence=(*finding.evidence, Evidence("energy", text, other.location)),
    )


def _saving_j(finding: Finding) -> Quantity:
    """J a step, none where it is absent."""
    nothing = Quantity(0.0, 0.0, 0.0, "modelled")
    return finding.saving_j if isinstance(finding.saving_j, Quantity) else nothing
