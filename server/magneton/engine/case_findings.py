"""What is said of one case: the facts of both sides, and its finding."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording, Value
from magneton_agent.schema.result import Candidate, Cause, Evidence, Finding, SideName

from ..analysis.diagnosis.facts import Explanation, Facts, SideFacts
from ..analysis.settings import in_force
from ..analysis.statistics import share_of
from .assemble import Sites
from .cases import Case
from .confirming import Suspected


def facts_of_sides(case: Case) -> tuple[SideFacts, SideFacts]:
    """What is known of both sides, wasteful first."""
    names: tuple[SideName, SideName] = ("a", "b") if case.wasteful == "a" else ("b", "a")
    x, y = (_side_facts(case, index, names[index]) for index in (0, 1))
    return x, y


def suspected_of(case: Case, wasteful: SideFacts, efficient: SideFacts) -> Suspected:
    a, b = (site.recording for site in case.sites)
    return Suspected((wasteful, efficient), (a, b), case.costs, case.every[0], case.energy_ratio)


def candidates_of(facts: Facts, cause: Cause | None, through: str | None) -> tuple[Candidate, ...]:
    return tuple(Candidate(*each) for each in facts.beside(cause, through))


def _side_facts(case: Case, index: int, name: SideName) -> SideFacts:
    recording = case.sites[index].recording
    frame = case.ranges[index]
    kept = case.telling(index)
    return SideFacts(
        name=name,
        operators=kept,
        inputs=tuple(_inputs(recording, operator.inputs) for operator in kept),
        frame=frame,
        text=case.sites[index].text(frame) if frame is not None else None,
        settings=in_force(recording, kept),
    )


def _inputs(recording: Recording, values: Sequence[int]) -> tuple[str, ...]:
    return tuple(_described(recording.values[i]) for i in values)


def _described(value: Value) -> str:
    return f"{value.dtype} {list(value.shape)} strides {list(value.strides)}"


def finding_of(
    case: Case,
    found: Explanation | None,
    step_j: Quantity,
    evidence: tuple[Evidence, ...],
) -> Finding:
    sites = case.sites[0]
    places = [
        None if frame is None else owner.location(frame)
        for frame, owner in zip(case.ranges, case.sites, strict=True)
    ]
    saving = case.saving_j
    return Finding(
        id="",
        class_=case.judged.class_,
        category=found.category if found is not None else None,
        regions=tuple(f"r{number}" for number in case.judged.group.regions),
        count=len(case.judged.group.regions),
        wasteful_side=case.wasteful,
        saving_j=saving,
        saving_ratio=share_of(saving, step_j),
        location=places[0],
        counterpart=places[1],
        call_path=sites.path(case.dominant[0]),
        cause=cause_of(found, sites) if found is not None else None,
        evidence=evidence,
        candidates=(),
        message=found.message if found is not None else _unexplained(case),
        remedy=found.remedy if found is not None else None,
        fix=None,
    )


def cause_of(found: Explanation, sites: Sites) -> Cause:
    """What is said of ``found`` in a result."""
    return Cause(
        kind=found.kind,
        name=found.name,
        wasteful_value=found.wasteful_value,
        efficient_value=found.efficient_value,
        location=sites.location(found.frame) if found.frame is not None else None,
        confirmed=found.confirmed,
    )


def _unexplained(case: Case) -> str:
    names = [", ".join(dict.fromkeys(each.name for each in case.telling(i))) for i in (0, 1)]
    return f"{names[0]} costs more than the other side's {names[1]}; no single cause was found"
