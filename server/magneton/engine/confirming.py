"""Tries what differs between the sides of a finding on the wasteful one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import OUTPUTS_TOLERANCE, NotReplayed, Varied, VariedCall
from magneton_agent.schema.recording import Operator, Recording
from magneton_agent.schema.result import SideName

from ..analysis.cost import SideCost
from ..analysis.diagnosis import operands, settings
from ..analysis.diagnosis.facts import Difference, Explanation, Facts, Note, SideFacts, TriedFact
from ..analysis.effect import Effect, expected
from ..analysis.settings import as_held, in_force
from ..analysis.statistics import Interval, ratio_interval
from ..analysis.stopping import ERROR
from .change import Change
from .side import Side
from .stage import UNHEARD, Stage
from .trial import Trial, Trials, Untried
from .two_of_three import two_of_three
from .variation import variation

Tell = Callable[[Trial | Untried], TriedFact]
_MOST = 4  # of a kind, of one finding: each setting takes a process of its own
_TRACE = "it is a trace: a run that is over"


@dataclass(frozen=True)
class Suspected:
    """The sides of a finding, wasteful first. ``operators`` are all that the wasteful side has of
    it; ``ratio`` is their energy over the other side's."""

    facts: tuple[SideFacts, SideFacts]
    recordings: tuple[Recording, Recording]
    costs: tuple[SideCost, SideCost]
    operators: tuple[int, ...]
    ratio: Interval

    @property
    def wasteful(self) -> SideName:
        return self.facts[0].name


@dataclass(frozen=True)
class Flip:
    """The ``change`` that puts the other value of ``difference`` in force; ``held`` must be so
    where the operators run. Intervals are wrong with the probability ``error``."""

    difference: Difference
    change: Change
    held: Mapping[str, str]
    error: float = ERROR


@dataclass(frozen=True)
class Confirmer:
    """Tries candidates, each setting once however many findings have it; what may be the cause in
    fresh pairs of processes until two of them agree. ``trials`` and ``workers`` are of the sides
    that can be run again, ``absent`` says why others cannot; differences beyond ``threshold``
    count."""

    trials: Mapping[SideName, Trials]
    workers: Mapping[SideName, Side]
    threshold: float
    absent: str = _TRACE
    _done: list[tuple[tuple[SideName, Change, int], Trial | Untried]] = field(default_factory=list)

    async def tried(self, finding: Suspected, stage: Stage = UNHEARD) -> tuple[TriedFact, ...]:
        """What became of the finding with each thing that differs between its sides, alone."""
        kinds = (
            (self._setting, "settings", settings.differences(*finding.facts)),
            (self._operand, "differences", operands.differences(*finding.facts)),
        )
        count = _count(finding)
        found: list[TriedFact] = []
        begun = 0
        for attempt, others, differences in kinds:
            for difference in differences[:_MOST]:
                begun += 1
                stage.at((begun - 1) / count, f"trying {begun} of {count}: {difference.name}")
                found.append(await attempt(finding, difference, ERROR / count))
            left = differences[_MOST:]
            found += [untried(each, f"{_MOST} other {others} were") for each in left]
        return tuple(found)

    async def flipped(
        self, found: Explanation | None, finding: Suspected, stage: Stage = UNHEARD
    ) -> Explanation | None:
        """``found``; where it names what the program is started with, a variable of the environment
        or an option of its command line, as it came out when the wasteful side had the other
        side's value."""
        flip = _start(found) if found is not None and not found.confirmed else None
        if found is None or flip is None:
            return found
        stage.at(0.0, f"trying {found.name}")
        tried = await self.too(flip, finding)
        note = Note("trial", f"tried on side {finding.wasteful}: {tried.text}", None)
        return replace(found, evidence=(*found.evidence, note), confirmed=tried.confirmed)

    async def too(self, flip: Flip, finding: Suspected) -> TriedFact:
        """What came of ``finding`` with one thing more than what differs between its sides, which
        may have been tried for another one: its pairs of processes serve both."""
        error = ERROR / (_count(finding) + 1)
        return await self._flipped(finding, replace(flip, error=error))

    async def _setting(self, finding: Suspected, difference: Difference, error: float) -> TriedFact:
        flip = _held(difference, finding.facts[1])
        return await self._flipped(finding, replace(flip, error=error))

    async def _flipped(self, finding: Suspected, flip: Flip) -> TriedFact:
        """What came of ``flip``."""
        asked = (finding.wasteful, flip.change, finding.operators)
        return await self.agreed(*asked, partial(self._told, finding, flip))

    async def agreed(
        self, side: SideName, change: Change, operators: Sequence[int], told: Tell
    ) -> TriedFact:
        """What is ``told`` of ``change``; where that may be the cause, what two of at most three
        pairs of processes agree on."""

        async def attempt(pair: int) -> TriedFact:
            return told(await self._trial(side, change, operators, pair))

        return await two_of_three(attempt, _may_settle, lambda tried: tried.confirmed)

    def _told(self, finding: Suspected, flip: Flip, trial: Trial | Untried) -> TriedFact:
        if isinstance(trial, Untried):
            return untried(flip.difference, trial.reason)
        effect = effect_of(trial, finding.operators, finding.ratio, flip.error)
        if effect is None:
            return untried(flip.difference, "its operators were not found again")
        if not _holds(trial, finding.operators, flip.held):
            return untried(flip.difference, "the program does not let it be held")
        return self._fact(flip.difference, effect)

    async def _trial(
        self, side: SideName, change: Change, operators: Sequence[int], pair: int
    ) -> Trial | Untried:
        """What became of the ``pair``-th pair of processes without and with ``change``."""
        asked = (side, change, pair)
        for each, outcome in self._done:
            if each == asked:
                return outcome
        trials = self.trials.get(side)
        if trials is None:
            return Untried(self.absent)
        outcome = await trials.try_change(change, operators, afresh=pair > 0)
        self._done.append((asked, outcome))
        return outcome

    async def _operand(self, finding: Suspected, difference: Difference, error: float) -> TriedFact:
        """Try ``difference`` at the operator where it costs most, on what the step gives it."""
        worker = self.workers.get(finding.wasteful)
        if worker is None:
            return untried(difference, self.absent)
        pairs = [
            (finding.facts[0].operators[position], finding.facts[1].operators[position])
            for position, each in operands.at_operators(*finding.facts)
            if each == difference
        ]
        x, y = max(pairs, key=lambda pair: finding.costs[0].energy_of((pair[0].id,)).value)
        if difference.kind != "argument" and len(x.inputs) != len(y.inputs):
            return untried(difference, "the other side gives it another number of tensors")
        request = variation(difference, (x, y), finding.recordings)
        try:
            outcome = (await worker.ask(request, Varied)).outcome
        except MagnetonError as failure:  # it may also have crashed, or hung
            return untried(difference, failure.fact)
        if isinstance(outcome, NotReplayed):
            return untried(difference, outcome.reason)
        a, b = (
            cost.blocks_of((operator.id,), cost.power_w)
            for cost, operator in zip(finding.costs, (x, y), strict=True)
        )
        tried = self._fact(difference, _of_call(outcome, ratio_interval(a, b), error))
        return tried if _is_most(finding, pairs) else replace(tried, confirmed=False)

    def _fact(self, difference: Difference, effect: Effect) -> TriedFact:
        return TriedFact(difference, effect, confirmed=effect.settles(self.threshold))


def flip_of(found: Explanation | None, facts: Facts) -> Flip | None:
    """What was flipped for all of the program when the cause was confirmed; None where it was not,
    or where that was done otherwise."""
    if found is None or not found.confirmed:
        return None
    setting = facts.moving(("setting",))
    return _held(setting.difference, facts.efficient) if setting is not None else _start(found)


def _held(difference: Difference, efficient: SideFacts) -> Flip:
    change = Change(as_held(difference.name, efficient.settings))
    return Flip(difference, change, change.held)


def _start(found: Explanation) -> Flip | None:
    change = started_with(found)
    values = (found.wasteful_value, found.efficient_value)
    return Flip(Difference(found.kind, found.name, *values), change, {}) if change else None


def _count(finding: Suspected) -> int:
    """How many things are tried of it: what is said of them must hold for all at once."""
    kinds = (settings.differences(*finding.facts), operands.differences(*finding.facts))
    return sum(min(len(each), _MOST) for each in kinds)


def _may_settle(tried: TriedFact) -> bool:
    return tried.effect is not None and tried.effect.may_settle


def _is_most(finding: Suspected, pairs: Sequence[tuple[Operator, Operator]]) -> bool:
    """Whether ``pairs`` of operators make most of the difference between the finding's sides."""
    every = zip(*(side.operators for side in finding.facts), strict=True)
    part_j, all_j = (
        sum(
            finding.costs[0].energy_of((x.id,)).value - finding.costs[1].energy_of((y.id,)).value
            for x, y in each
        )
        for each in (pairs, every)
    )
    return 2 * part_j >= all_j > 0


def effect_of(
    trial: Trial, operators: Sequence[int], ratio: Interval, error: float
) -> Effect | None:
    """What ``trial`` did to ``operators``, which take ``ratio`` times the other side's energy; None
    where they were not found again. Its interval is wrong with the probability ``error``."""
    part, before = trial.part(operators, error), trial.costs[0]
    if part is None:
        return None
    asked_j, held_j = (before.energy_of(each).value for each in (operators, part.before))
    outputs, difference = trial.outputs, None
    if outputs.equal is not True:
        difference = outputs.first_difference or "the step has none to compare"
    return Effect(part.judged.energy_ratio, expected(ratio, asked_j, held_j), difference)


def _holds(trial: Trial, operators: Sequence[int], held: Mapping[str, str]) -> bool:
    """Whether ``held`` were in force where ``operators`` ran with the change."""
    part, after = trial.part(operators), trial.recordings[1]
    found = in_force(after, [after.operators[i] for i in part.after]) if part is not None else {}
    return all(found.get(name) == value for name, value in held.items())


def _of_call(found: VariedCall, ratio: Interval, error: float) -> Effect:
    """Of one operator, run alone as it is and varied. The time of equal operators on a CPU stands
    for their energy, as the power model has it."""
    change = found.max_relative_error
    differs = f"its results differ by up to {change:.2g} of their size"
    return Effect(
        ratio=ratio_interval(found.plain, found.varied, 1 - error),
        expected=ratio,
        difference=differs if change > OUTPUTS_TOLERANCE else None,
    )


def started_with(found: Explanation) -> Change | None:
    """The other side's value of what an explanation names, given to the program from outside; None
    where it names something else, or a value that cannot be given so."""
    try:
        value = ast.literal_eval(found.efficient_value)
    except (ValueError, SyntaxError):
        return None
    if found.kind == "setting" and found.name.isidentifier() and isinstance(value, str):
        return Change({f"os.environ[{found.name!r}]": found.efficient_value})
    if found.kind == "argument" and found.name.startswith("--"):
        if value is True:
            return Change(arguments=(found.name,))
        if isinstance(value, str | int | float) and value is not False:
            return Change(arguments=(found.name, str(value)))
    return None


def untried(difference: Difference, reason: str) -> TriedFact:
    return TriedFact(difference, None, untried=reason)
