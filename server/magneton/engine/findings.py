"""Turns judged groups of regions into findings with causes and places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import (
    Evidence,
    Finding,
    SideName,
)

from ..analysis.diagnosis import settings
from ..analysis.diagnosis.facts import Explanation, Facts, Followed, Note
from ..analysis.diagnosis.rules import explain
from ..analysis.diagnosis.unfounded import is_unfounded
from ..analysis.grouping import Group
from ..analysis.regions import RegionPair
from ..source.program import ProgramText
from .case_findings import candidates_of, facts_of_sides, finding_of, suspected_of
from .cases import Case
from .confirming import Confirmer, flip_of
from .evidence import evidence_of
from .explaining import Explainer, Subject
from .merging import Decision, decided_by
from .moving import moves_of
from .one_cause import one_a_cause
from .placing import placed
from .redundant import OF_BOTH
from .side import Side
from .stage import UNHEARD, Stage
from .told import Told

_UNTRIED = 2.0  # times the smallest share: processes that do the same differ by as much


@dataclass(frozen=True)
class Explained:
    """Findings without ids; ``withdrawn`` are the groups that are none after all: what differs
    between their sides is not what they come from. ``theirs`` has where the other side gives its
    value of what decides."""

    findings: tuple[Finding, ...]
    withdrawn: tuple[Group, ...]
    theirs: Mapping[Decision, Location]


async def findings_of(
    cases: Sequence[Case],
    runners: dict[SideName, Side],
    step_j: dict[SideName, Quantity],
    confirmer: Confirmer,
    regions: Sequence[RegionPair],
    stage: Stage = UNHEARD,
) -> Explained:
    """One finding a cause; cases number ``regions``. ``runners``, unless they are traces, were
    loaded with their construction traced; ``step_j`` is the energy of each side's step, ``stage``
    all that is told of how far this is."""
    text = ProgramText()
    told, withdrawn = list[Told](), list[Group]()
    for number, case in enumerate(cases):
        lead = f"difference {number + 1} of {len(cases)}: " if len(cases) > 1 else ""
        own = stage.part(number, len(cases), lead)
        own.at(0.0, "looking into both programs")
        found = await _as_before(case, told, step_j[case.wasteful], confirmer)
        if found is None:
            explainer = _explainer(case, runners, text)
            found = await _told(case, explainer, runners, step_j, confirmer, own)
        if found is None:
            withdrawn.append(case.judged.group)
        else:
            told.append(found)
    findings = await one_a_cause(told, regions, confirmer, step_j)
    theirs = {
        decision: there
        for each in told
        if (there := each.there) and (decision := decided_by(each.finding))
    }
    return Explained(tuple(findings), tuple(withdrawn), theirs)


def counting(found: Explained, cases: Sequence[Case], share: float) -> Explained:
    """``found`` without findings that save less than ``share`` of their side's step, surely so
    where nothing explains them or they name data which is moved, and with a cause that no trial
    has confirmed: there is nothing in them for anybody."""
    small = {region for each in found.findings if _is_small(each, share) for region in each.regions}
    groups = (case.judged.group for case in cases)
    return replace(
        found,
        findings=tuple(each for each in found.findings if small.isdisjoint(each.regions)),
        withdrawn=(
            *found.withdrawn,
            *(each for each in groups if not small.isdisjoint(f"r{i}" for i in each.regions)),
        ),
    )


def _is_small(finding: Finding, share: float) -> bool:
    ratio, cause = finding.saving_ratio, finding.cause
    if not isinstance(ratio, Quantity):
        return False
    written = cause is not None and cause.kind == "call" and cause.location == finding.location
    if cause is None or written or finding.category == "redundant":
        return ratio.high < share
    return ratio.value < _UNTRIED * share and not cause.confirmed


async def _as_before(
    case: Case, known: Sequence[Told], step_j: Quantity, confirmer: Confirmer
) -> Told | None:
    """The finding of a case that comes from the same setting as one of the ``known``, as the trial
    of that shows: it need be looked for no further. None where it does not."""
    facts = Facts(*facts_of_sides(case), shared=False)
    suspected = suspected_of(case, facts.wasteful, facts.efficient)
    differing = settings.differences(facts.wasteful, facts.efficient)
    for each in known:
        flip, found = flip_of(each.explanation, each.facts), each.explanation
        if each.side != case.wasteful or flip is None:
            continue
        if flip.held and flip.difference not in differing:
            continue
        tried = await confirmer.too(flip, suspected)
        if tried.confirmed and found is not None:
            facts = replace(facts, tried=(tried,))
            notes = [each for each in found.evidence if each.kind != "trial"]
            own = Note("trial", f"tried on side {case.wasteful}: {tried.text}", None)
            found = replace(found, evidence=(*notes, own))
            evidence = evidence_of(case, facts, found, None)
            return Told(finding_of(case, found, step_j, evidence), case, found, facts, suspected)
    return None


async def _told(
    case: Case,
    explainer: Explainer,
    runners: dict[SideName, Side],
    step_j: dict[SideName, Quantity],
    confirmer: Confirmer,
    stage: Stage,
) -> Told | None:
    """The finding of one case; None where what differs is not what it comes from."""
    notes = tuple(_cannot_be_probed(name) for name, side in runners.items() if side.taken)
    same = case.does_the_same
    followed, failed = (None, ()) if notes or same else await _followed(explainer)
    facts = await _facts(case, explainer.shared, followed, confirmer, stage.part(1, 4))
    unfounded = same or (case.same_calls and is_unfounded(facts))
    if unfounded:  # what was followed reaches no operator, or does nothing there
        facts = replace(facts, followed=None, moves=None)
    explanation = explain(facts)
    if explanation is None and unfounded:
        return None
    through = explanation.name if explanation is not None else None
    if not failed:
        explanation, failed = await _placed(explanation, facts, runners, case, explainer)
    suspected = suspected_of(case, facts.wasteful, facts.efficient)
    explanation = await confirmer.flipped(explanation, suspected, stage.part(3, 4))
    evidence = (*evidence_of(case, facts, explanation, explainer.fork), *notes, *failed)
    found = finding_of(case, explanation, step_j[case.wasteful], evidence)
    found = replace(found, candidates=candidates_of(facts, found.cause, through))
    return Told(found, case, explanation, facts, suspected, explainer.partings)


def numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with their ids: what one side alone does first, of that what saves most."""
    known = tuple(findings)
    ordered = sorted(known, key=lambda each: (is_of_both(each, known), -_value(each)))
    return tuple(replace(each, id=f"f{number}") for number, each in enumerate(ordered))


def is_of_both(finding: Finding, findings: Iterable[Finding]) -> bool:
    """Whether the other side needlessly does the very same: it is no difference between them."""
    if finding.category != "redundant" or finding.cause is None:
        return False
    if any(each.kind == OF_BOTH for each in finding.evidence):
        return True
    what = replace(finding.cause, location=None)
    return any(
        each.wasteful_side != finding.wasteful_side
        and each.cause is not None
        and replace(each.cause, location=None) == what
        for each in findings
    )


async def _followed(explainer: Explainer) -> tuple[Followed | None, tuple[Evidence, ...]]:
    """What was followed, and why nothing could be: what was measured stands all the same."""
    try:
        return await explainer.followed(), ()
    except MagnetonError as error:
        return None, (_not_found("where the sides part", error),)


async def _placed(
    found: Explanation | None,
    facts: Facts,
    runners: dict[SideName, Side],
    case: Case,
    explainer: Explainer,
) -> tuple[Explanation | None, tuple[Evidence, ...]]:
    """``found`` with its place, and why it has none where its program has ended: trying may have
    crashed it."""
    try:
        return await placed(found, facts, runners, case.sites[0].is_user, explainer), ()
    except MagnetonError as error:
        return found, (_not_found("where the setting is set", error),)


def _not_found(what: str, error: MagnetonError) -> Evidence:
    return Evidence("failed", f"{what} was not found: {error.fact} ({error.cause})", None)


def _cannot_be_probed(name: SideName) -> Evidence:
    text = (
        f"side {name} is a trace: a run that is over cannot be asked why, so only what was "
        "recorded of both sides could tell"
    )
    return Evidence("trace", text, None)


def _explainer(case: Case, runners: dict[SideName, Side], text: ProgramText) -> Explainer:
    other: SideName = "b" if case.wasteful == "a" else "a"
    subjects = [
        Subject(runner, sites.recording, operators, dominant)
        for runner, sites, operators, dominant in zip(
            (runners[case.wasteful], runners[other]),
            case.sites,
            case.operators,
            case.dominant,
            strict=True,
        )
    ]
    return Explainer(subjects[0], subjects[1], text, case.sites[0].is_user)


async def _facts(
    case: Case, shared: bool, followed: Followed | None, confirmer: Confirmer, stage: Stage
) -> Facts:
    x, y = facts_of_sides(case)
    return Facts(
        wasteful=x,
        efficient=y,
        shared=shared,
        followed=followed,
        versions=case.versions,
        tried=await confirmer.tried(suspected_of(case, x, y), stage),
        waits=case.waits,
        moves=moves_of(case),
    )


def _value(finding: Finding) -> float:
    return finding.saving_j.value if isinstance(finding.saving_j, Quantity) else 0.0
