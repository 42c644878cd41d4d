"""Puts findings that come from one cause together: their places, their saving, what is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.statistics import share_of
from .reconciling import APART, together

_BESIDE = Evidence(
    "repeated",
    "the saving holds what repeated work costs too; the figures of both sides are without it",
    None,
)


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


def with_repeated(
    findings: Sequence[Finding], step_j: Mapping[SideName, Quantity]
) -> tuple[Finding, ...]:
    """``findings``, of which those about repeated work are one with those that the same value in
    the same place decides."""
    found: dict[object, list[Finding]] = {}
    for number, each in enumerate(findings):
        key = _decided_by(each)
        found.setdefault(number if key is None else key, []).append(each)
    return tuple(merged(sorted(each, key=_saving), step_j) for each in found.values())


def _decided_by(finding: Finding) -> object | None:
    """The value and place that decide, None where no place is known."""
    cause = finding.cause
    if cause is None or cause.location is None:
        return None
    values = (cause.name, cause.wasteful_value, cause.efficient_value)
    return (finding.wasteful_side, values, cause.location)


def _evidence(findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    """That of the first, what must be known of the others of its kind, and what others repeat."""
    first, *others = findings
    alike = [each for each in findings if bool(each.regions) == bool(first.regions)]
    found = together(alike) if len(alike) > 1 and first.regions else first.evidence
    notes = [
        note
        for each in others
        if not each.regions
        for note in each.evidence
        if note.kind == "repeated"
    ]
    if len({bool(each.regions) for each in findings}) < 2:
        return (*found, *notes)
    # What was set apart of a region is in the saving again, and in its figures anyway.
    apart = any(APART in each.evidence for each in findings)
    kept = tuple(note for note in found if note != APART)
    return (*kept, *notes) if apart else (*kept, *notes, _BESIDE)


def _saving(finding: Finding) -> float:
    return -finding.saving_j.value if isinstance(finding.saving_j, Quantity) else 0.0
