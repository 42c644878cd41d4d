"""Tries what would put a finding's cause right, and offers what does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Cause, Edit, Evidence, Finding, Fix, SideName

from ..analysis.classify import Judged
from ..analysis.effect import took
from ..analysis.statistics import Interval
from ..analysis.stopping import ERROR
from ..source.edits import edits_between
from ..source.rewrites.rules import rewrite
from ..source.rewrites.wish import Rewrite
from .change import Change
from .confirming import effect_of
from .merging import merged
from .side import Side
from .stage import UNHEARD, Stage
from .trial import Trial, Trials, Untried
from .two_of_three import two_of_three
from .wishes import Ranges, Sources, wish_of

_MOST = 3  # findings: each takes a process of its own


@dataclass(frozen=True)
class Fixer:
    """``sides`` are those that findings are about, in ``workspace``; ``trials`` of those that can
    be run again; ``judged`` the groups of regions that findings are made of, and ``ranges`` what
    each region runs, side a first; ``step_j`` is the energy of each side's step."""

    workspace: Path
    sides: Mapping[SideName, Side]
    trials: Mapping[SideName, Trials]
    judged: Sequence[Judged]
    ranges: Callable[[int], Ranges]
    step_j: Mapping[SideName, Quantity]

    async def fixed(
        self, findings: Sequence[Finding], stage: Stage = UNHEARD
    ) -> tuple[Finding, ...]:
        """``findings`` with the fixes of those that save most, where one helps; what a fix puts
        right too is one finding with what it was tried for."""
        sources = {name: Sources(self.workspace, s.loaded.files) for name, s in self.sides.items()}
        found = list(findings)
        rewrites = ((number, self._rewrite(each, sources)) for number, each in enumerate(findings))
        known = ((number, wanted) for number, wanted in rewrites if wanted is not None)
        chosen = list(itertools.islice(known, _MOST))
        helped: dict[int, tuple[Trial, ...]] = {}
        for place, (number, wanted) in enumerate(chosen):
            told = f"trying fix {place + 1} of {len(chosen)}: {wanted.title}"
            stage.at(place / len(chosen), told)
            error = ERROR / len(chosen)
            found[number], helped[number] = await self._tried(findings[number], wanted, error)
        return self._joined(found, helped)

    def _joined(
        self, findings: Sequence[Finding], helped: Mapping[int, tuple[Trial, ...]]
    ) -> tuple[Finding, ...]:
        """``findings``; where the fix of one, as its trials say, takes another to the other side's
        energy too, they come from one cause."""
        found: dict[int, Finding] = dict(enumerate(findings))
        for number, trials in helped.items():
            others = [other for other in found if self._is_put_right(found, number, other, trials)]
            fix = found[number].fix if number in found else None
            if fix is None or not others:
                continue
            more = [
                Evidence("fix", f"{fix.title} puts this right too", each.location)
                for each in map(found.__getitem__, others)
            ]
            findings = [found[number], *(found.pop(other) for other in others)]
            found[number] = merged(findings, self.step_j, more)
        return tuple(found.values())

    def _is_put_right(
        self, found: Mapping[int, Finding], number: int, other: int, trials: Sequence[Trial]
    ) -> bool:
        """Whether the fix of finding ``number`` is what ``other`` needs, in each of its trials."""
        if number not in found or number == other or not trials:
            return False
        each, groups = found[other], [one for one in self.judged if _is_of(one, found[other])]
        own = each.fix is not None or (each.cause is not None and each.cause.confirmed)
        if own or not groups or each.wasteful_side != found[number].wasteful_side:
            return False
        error = ERROR / len(found)
        return all(_settles(each.wasteful_side, trial, groups, error) for trial in trials)

    def _rewrite(self, finding: Finding, sources: Mapping[SideName, Sources]) -> Rewrite | None:
        own = finding.wasteful_side
        if own not in self.trials:
            return None
        other = sources.get("b" if own == "a" else "a", sources[own])
        marked = (finding.location, finding.counterpart)
        for ranges in dict.fromkeys((self._whole(finding), marked)):
            wish = wish_of(finding, ranges, self.sides[own].target, sources[own], other)
            if wish is not None and (found := rewrite(wish)) is not None:
                return found
        return None

    def _whole(self, finding: Finding) -> Ranges:
        """All that the finding's first region runs, the wasteful side first."""
        first = next((each.group.regions[0] for each in self.judged if _is_of(each, finding)), None)
        if first is None:
            return finding.location, finding.counterpart
        a, b = self.ranges(first)
        return (a, b) if finding.wasteful_side == "a" else (b, a)

    async def _tried(
        self, finding: Finding, wanted: Rewrite, error: float
    ) -> tuple[Finding, tuple[Trial, ...]]:
        """``finding`` with what became of it in intervals that are wrong with the probability
        ``error``, and the trials in which the change helped, none where it is not offered."""
        path = str((self.workspace / wanted.module.path).absolute())
        groups = [each for each in self.judged if _is_of(each, finding)]
        operators = sorted(i for each in groups for i in _operators(each, finding.wasteful_side))
        change = Change(sources={path: wanted.text})
        trials = self.trials[finding.wasteful_side]
        good: list[Trial] = []

        async def attempt(pair: int) -> _Helped | _Refused:
            tried = await trials.try_change(change, operators, 1 - error, pair > 0)
            found = _helped(tried, operators, error)
            good.extend([found.trial] if isinstance(found, _Helped) else [])
            return found

        helped = await two_of_three(attempt, _seems, type)
        if isinstance(helped, _Refused):
            return _not_offered(finding, wanted, helped.why), ()
        text = f"tried: {wanted.title}; the outputs are equal, and {helped.text}"
        found = replace(
            finding,
            fix=Fix(wanted.title, _edits(wanted), True, helped.saving_j),
            evidence=(*finding.evidence, Evidence("fix", text, None)),
            cause=_confirmed(finding, helped.trial, groups, error),
        )
        return found, tuple(good)


@dataclass(frozen=True)
class _Helped:
    """A change that surely saves ``saving_j`` of a step; ``text`` says how that was seen."""

    trial: Trial
    saving_j: Quantity
    text: str


@dataclass(frozen=True)
class _Refused:
    """It is not offered, because of ``why``; ``seems`` says that it may save all the same."""

    why: str
    seems: bool = False


def _seems(found: _Helped | _Refused) -> bool:
    return isinstance(found, _Helped) or found.seems


def _helped(trial: Trial | Untried, operators: Sequence[int], error: float) -> _Helped | _Refused:
    """What came of a change, or why it is not offered."""
    if isinstance(trial, Untried):
        return _Refused(f"it could not be tried ({trial.reason})")
    if trial.outputs.equal is not True:
        why = trial.outputs.first_difference or "the step has no outputs to compare"
        return _Refused(f"the outputs are not known to be equal ({why})")
    found = _saving(trial, operators, error)
    if isinstance(found, _Refused):
        return found
    saving_j, text = found
    return _Helped(trial, saving_j, text)


def _edits(wanted: Rewrite) -> tuple[Edit, ...]:
    module = wanted.module
    return tuple(
        Edit(Location(module.path, None, each.start, each.end), each.text)
        for each in edits_between(module.text, wanted.text)
    )


def _saving(
    trial: Trial, operators: Sequence[int], error: float
) -> tuple[Quantity, str] | _Refused:
    """What the change surely saves of a step, and how that was seen: of all of it, or of the
    operators that it is about where the whole does not tell."""
    cost, whole = trial.costs[0], trial.energy_ratio
    what = took("a step then takes", whole)
    if whole.low > 1:
        differ = "; its saving is of the whole step, the finding's of these operators"
        return _saved(cost.energy_j, whole), what + (differ if operators else "")
    part = trial.part(operators, error) if operators else None
    if whole.high < 1 or part is None:
        return _unsure(trial, whole, what)
    ratio = part.judged.energy_ratio
    what = took("what these operators compute then takes", ratio)
    if ratio.low <= 1:
        return _unsure(trial, ratio, what)
    return _saved(cost.energy_of(part.before).scaled(cost.to_whole_steps), ratio), what


def _unsure(trial: Trial, ratio: Interval, what: str) -> _Refused:
    seems = ratio.value >= 1 / (1 - trial.options.threshold)
    return _Refused(f"it did not surely save anything: {what}", seems)


def _saved(energy_j: Quantity, ratio: Interval) -> Quantity:
    """Of an energy without the change, which is ``ratio`` times the one with it."""
    return Quantity(
        energy_j.value * (1 - 1 / ratio.value),
        energy_j.low * (1 - 1 / ratio.low),
        energy_j.high * (1 - 1 / ratio.high),
        energy_j.source,
    )


def _confirmed(
    finding: Finding, trial: Trial, groups: Sequence[Judged], error: float
) -> Cause | None:
    """The cause, confirmed where the change moves every group to the other side's energy."""
    settled = bool(groups) and _settles(finding.wasteful_side, trial, groups, error)
    if finding.cause is None or not settled:
        return finding.cause
    return replace(finding.cause, confirmed=True)


def _settles(side: SideName, trial: Trial, groups: Sequence[Judged], error: float) -> bool:
    """Whether a change of ``side`` moves every one of ``groups`` to the other side's energy."""
    effects = [
        effect_of(trial, _operators(each, side), _difference(each), error) for each in groups
    ]
    return all(each is not None and each.settles(trial.options.threshold) for each in effects)


def _is_of(judged: Judged, finding: Finding) -> bool:
    """Whether it is what the finding's side takes more: what its cause costs the other is not."""
    own = judged.wasteful == finding.wasteful_side
    return own and any(f"r{number}" in finding.regions for number in judged.group.regions)


def _operators(judged: Judged, side: SideName) -> tuple[int, ...]:
    return judged.group.a if side == "a" else judged.group.b


def _difference(judged: Judged) -> Interval:
    """The wasteful side's energy over the other's."""
    ratio = judged.energy_ratio
    if judged.wasteful == "a":
        return ratio
    return ratio.inverse


def _not_offered(finding: Finding, wanted: Rewrite, why: str) -> Finding:
    text = f"{wanted.title} is not offered as a fix: {why}"
    return replace(finding, evidence=(*finding.evidence, Evidence("fix", text, None)))
