"""A finding about the host: one side's does more beside its operators, and a setting decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Candidate, Evidence, Finding, SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis import settings as rule
from ..analysis.diagnosis.facts import Difference, Explanation, Facts, SideFacts, TriedFact
from ..analysis.effect import Effect
from ..analysis.host import HostDifference, ratio_of, surely_more
from ..analysis.settings import as_held, host_differing, in_force, value_of
from ..analysis.statistics import share_of
from ..source.program import ProgramText
from .assemble import Sites, dominant
from .case_findings import cause_of
from .change import Change
from .confirming import Confirmer, untried
from .explaining import Explainer, Subject
from .placing import placed
from .side import Side
from .stage import Stage
from .trial import Trial, Untried

_MOST = 4  # settings: each takes a process of its own


@dataclass(frozen=True)
class HostCase:
    """What the host of one side takes more, and the ``settings`` that differ; all pairs are told
    from the wasteful side."""

    difference: HostDifference
    settings: tuple[Difference, ...]
    sites: tuple[Sites, Sites]
    costs: tuple[SideCost, SideCost]

    @property
    def names(self) -> tuple[SideName, SideName]:
        return ("a", "b") if self.difference.wasteful == "a" else ("b", "a")

    @property
    def facts(self) -> tuple[SideFacts, SideFacts]:
        """Both sides, without operators: it is about none of them."""
        x, y = (
            SideFacts(name, (), (), None, None, _settings(sites.recording))
            for name, sites in zip(self.names, self.sites, strict=True)
        )
        return x, y


def host_case(sites: tuple[Sites, Sites], costs: tuple[SideCost, SideCost]) -> HostCase | None:
    """Where one host surely takes more, and a setting differs that could be why."""
    found = surely_more(*costs)
    if found is None:
        return None
    if found.wasteful == "b":
        sites, costs = sites[::-1], costs[::-1]
    x, y = (_settings(each.recording) for each in sites)
    differ = tuple(
        Difference("setting", name, value_of(name, x), value_of(name, y))
        for name in host_differing(x, y)
    )
    return HostCase(found, differ, sites, costs) if differ else None


async def host_finding(
    case: HostCase, sides: Mapping[SideName, Side], confirmer: Confirmer, stage: Stage
) -> Finding | None:
    """The finding, where one of the settings that differ, tried, takes the host to the other
    side's; what else the programs do on the host cannot be tried."""
    found: list[TriedFact] = []
    for number, each in enumerate(case.settings[:_MOST]):
        stage.at(number / len(case.settings[:_MOST]), f"the host: trying {each.name}")
        found.append(await _tried(case, each, confirmer))
    facts = Facts(*case.facts, shared=False, tried=tuple(found))
    explanation = rule.confirmed(facts)
    if explanation is None:
        return None
    named = await _placed(case, explanation, facts, sides)
    return _finding(case, facts, named, through=explanation.name)


async def _tried(case: HostCase, difference: Difference, confirmer: Confirmer) -> TriedFact:
    change = Change(as_held(difference.name, case.facts[1].settings))
    told = partial(_told, case, difference, confirmer.threshold, change.held)
    return await confirmer.agreed(case.difference.wasteful, change, (), told)


def _told(
    case: HostCase,
    difference: Difference,
    threshold: float,
    held: Mapping[str, str],
    trial: Trial | Untried,
) -> TriedFact:
    if isinstance(trial, Untried):
        return untried(difference, trial.reason)
    now = _settings(trial.recordings[1])
    if any(now.get(name) != value for name, value in held.items()):
        return untried(difference, "the program does not let it be held")
    before, after = (cost.host_j for cost in trial.costs)
    outputs, differs = trial.outputs, None
    if outputs.equal is not True:
        differs = outputs.first_difference or "the step has none to compare"
    effect = Effect(
        ratio_of(before, after), case.difference.ratio, differs, what="the host then takes"
    )
    return TriedFact(difference, effect, confirmed=effect.settles(threshold))


async def _placed(
    case: HostCase, found: Explanation, facts: Facts, sides: Mapping[SideName, Side]
) -> Explanation:
    """``found`` with its place, without one where its program has ended."""
    is_user = case.sites[0].is_user
    explainer = None
    if all(sites.recording.operators for sites in case.sites):
        x, y = (
            Subject(sides[name], sites.recording, (), dominant(_every(sites), cost))
            for name, sites, cost in zip(case.names, case.sites, case.costs, strict=True)
        )
        explainer = Explainer(x, y, ProgramText(), is_user)
    try:
        return await placed(found, facts, sides, is_user, explainer) or found
    except MagnetonError:
        return found


def _finding(case: HostCase, facts: Facts, found: Explanation, through: str) -> Finding:
    sites, cost, saving_j = case.sites[0], case.costs[0], case.difference.saving_j
    every = _every(sites)
    frame = sites.whole_range(every, cost) if every else None
    cause = cause_of(found, sites)
    notes = (
        Evidence(note.kind, note.text, sites.location(note.frame) if note.frame else None)
        for note in found.evidence
    )
    return Finding(
        id="",
        class_="performance",  # what the host need not do takes neither energy nor time
        category=found.category,
        regions=(),
        count=1,
        wasteful_side=case.difference.wasteful,
        saving_j=saving_j,
        saving_ratio=share_of(saving_j, cost.energy_j),
        location=sites.location(frame) if frame is not None else None,
        counterpart=None,
        call_path=sites.path(dominant(every, cost)) if every else (),
        cause=cause,
        evidence=(Evidence("host", case.difference.text, None), *notes),
        candidates=tuple(Candidate(*each) for each in facts.beside(cause, through)),
        message=found.message,
        remedy=found.remedy,
        fix=None,
    )


def _every(sites: Sites) -> tuple[int, ...]:
    return tuple(range(len(sites.recording.operators)))


def _settings(recording: Recording) -> dict[str, str]:
    return in_force(recording, recording.operators)
