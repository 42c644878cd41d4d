"""Puts findings that come from one cause together: their places, their saving, what is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.statistics import share_of
from .reconciling import APART, together

_WITHOUT_REGIONS = {
    "repeated": "what repeated work costs",
    "unused": "what is computed for nothing",
    "host": "what it costs the host",
}
"""By the kind of the evidence of it: what is about no regions."""
Decision = tuple[SideName, tuple[str, str, str], Location | None]
"""What decides on a finding: its side, the name with its values there and on the other, and where
it is given there."""


def merged(
    findings: Sequence[Finding],
    step_j: Mapping[SideName, Quantity],
    more: Sequence[Evidence] = (),
) -> Finding:
    """One finding of several of one side, of which no two hold one operator: the first of them,
    with the regions and times of all, the sum of their savings, and ``more`` evidence."""
    first = findings[0]
    if len(findings) == 1:
        return first
    savings = [each.saving_j for each in findings if isinstance(each.saving_j, Quantity)]
    total = Quantity(
        sum(each.value for each in savings),
        sum(each.low for each in savings),
        sum(each.high for each in savings),
        savings[0].source,
    )
    regional = [each for each in findings if each.regions]
    return replace(
        first,
        regions=tuple(region for each in regional for region in each.regions),
        count=sum(each.count for each in regional) if regional else first.count,
        saving_j=total,
        saving_ratio=share_of(total, step_j[first.wasteful_side]),
        counterpart=next((f.counterpart for f in findings if f.counterpart), None),
        evidence=(*_evidence(findings), *more),
        instances=tuple(time for each in findings for time in each.instances),
    )


def by_cause(
    findings: Sequence[Finding], step_j: Mapping[SideName, Quantity]
) -> tuple[Finding, ...]:
    """``findings``, of which those about no regions are one with those that the same value in the
    same line decides, in whatever words, or the same setting of a framework."""
    found: dict[object, list[Finding]] = {}
    for number, each in enumerate(findings):
        key = decided_by(each)
        place = key[2] if key is not None else None
        if key is None:
            found[number] = [each]
        elif place is None:
            found.setdefault(key, []).append(each)
        else:
            line = (place.path, place.revision, place.start.line)
            found.setdefault((key[0], key[1][0], *line), []).append(each)
    return tuple(merged(sorted(each, key=_order), step_j) for each in found.values())


def decided_by(finding: Finding) -> Decision | None:
    """The value and place that decide, None where no place is known."""
    cause = finding.cause
    if cause is None or (cause.location is None and cause.kind != "setting"):
        return None
    values = (cause.name, cause.wasteful_value, cause.efficient_value)
    return (finding.wasteful_side, values, cause.location)


def _evidence(findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    """That of the first, and what must be known of the others."""
    first, *others = findings
    regional = [each for each in findings if each.regions]
    found = together(regional) if len(regional) > 1 and first.regions else first.evidence
    if len(regional) in (0, len(findings)):
        return (*found, *_told(others))
    kinds = {note.kind for each in findings if not each.regions for note in each.evidence}
    if "repeated" in kinds and any(APART in each.evidence for each in regional):
        # What was set apart of a region is in the saving again, and in its figures anyway.
        found = tuple(note for note in found if note != APART)
        kinds.remove("repeated")
    words = " and ".join(text for kind, text in _WITHOUT_REGIONS.items() if kind in kinds)
    text = f"the saving is also {words}; the figures of both sides are not"
    more = [Evidence("energy", text, None)] if words else []
    return (*found, *_told(others), *more)


def _told(findings: Sequence[Finding]) -> list[Evidence]:
    """What is said of those that are about no regions."""
    return [
        note
        for each in findings
        if not each.regions
        for note in each.evidence
        if note.kind in _WITHOUT_REGIONS
    ]


def _order(finding: Finding) -> tuple[bool, float]:
    """What saves most first; what is about no place of its own last."""
    saving_j = finding.saving_j
    own = bool(finding.regions or finding.instances)
    return not own, -saving_j.value if isinstance(saving_j, Quantity) else 0.0
