"""Makes one finding of those that come from one cause: regions are as fine as operators, and one
line of a program can make several of them wasteful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Evidence, Finding, SideName

from ..analysis.below import Added, Below, added
from ..analysis.diagnosis.facts import Explanation, TriedFact
from ..analysis.diagnosis.movement import is_movement
from ..analysis.handed_on import Given, Kind, handed_on, unknown
from ..analysis.regions import RegionPair
from ..analysis.unions import Unions
from .cases import Case
from .confirming import Confirmer, flip_of
from .merging import merged
from .told import Told

_SHOWN = 3  # operators of one place
_TORCH = "torch."


@dataclass(frozen=True)
class _Join:
    """``set`` comes from what the set ``lead`` does, as ``evidence`` says."""

    lead: int
    evidence: tuple[Evidence, ...] = ()


async def one_a_cause(
    told: Sequence[Told],
    regions: Sequence[RegionPair],
    confirmer: Confirmer,
    step_j: Mapping[SideName, Quantity],
) -> list[Finding]:
    """The findings of ``told``, each with all that its cause explains. ``regions`` are those that
    cases number."""
    sets = _Sets(told, regions)
    if len(told) > 1:
        await sets.join_tried(confirmer)
        sets.join_handed_on()
        sets.join_below()
        sets.join_added()
    return [
        merged([each.finding for each in members], step_j, more) for members, more in sets.joined()
    ]


class _Sets:
    """Sets of findings that one deciding value explains, and which of them belong to another."""

    def __init__(self, told: Sequence[Told], regions: Sequence[RegionPair]) -> None:
        self._sets, self._regions = _by_key(told), regions
        self._joins: dict[int, _Join] = {}
        self._refused: set[tuple[int, int]] = set()

    async def join_tried(self, confirmer: Confirmer) -> None:
        """What a trial confirmed for one set is the cause of others too, where it does to them what
        it did to the first."""
        for lead, members in enumerate(self._sets):
            flip = next((f for t in members if (f := flip_of(t.explanation, t.facts))), None)
            if flip is None:
                continue
            for other in self._others(lead):
                found = [(t, await confirmer.too(flip, t.suspected)) for t in self._sets[other]]
                if all(tried.confirmed for _, tried in found):
                    self._join(other, lead, [_tried_too(*each) for each in found])
                elif any(t.effect is not None and not t.effect.may_settle for _, t in found):
                    self._refused.add((other, lead))

    def _others(self, lead: int) -> Iterator[int]:
        """The sets of the same side whose own cause is not confirmed."""
        for number, members in enumerate(self._sets):
            own = any(t.finding.cause and t.finding.cause.confirmed for t in members)
            if number != lead and not own and members[0].side == self._sets[lead][0].side:
                yield number

    def join_handed_on(self) -> None:
        """What does the same on both sides and is only given something otherwise comes from what
        made it so."""
        sides: list[SideName] = ["a", "b"]
        for side in sides:
            numbers = [i for i, members in enumerate(self._sets) if members[0].side == side]
            owners = {
                region: number
                for number in numbers
                for t in self._sets[number]
                for region in t.case.judged.group.regions
            }
            if not owners:
                continue
            recordings = [site.recording for site in self._sets[numbers[0]][0].case.sites]
            if side == "b":
                recordings.reverse()
            given = handed_on((recordings[0], recordings[1]), self._regions, owners)
            self._join_given(numbers, given)

    def _join_given(self, numbers: Sequence[int], given: Mapping[int, Given]) -> None:
        firsts: dict[int, int] = {}  # by a region of no finding: the first set that comes from it
        for number in numbers:
            found = _all_given(self._sets[number], given)
            if found is None:
                continue
            (origin,) = found.origins
            if origin == unknown(self._regions):
                continue
            lead = origin if origin >= 0 else firsts.setdefault(origin, number)
            more = [_given_there(t, found.kinds) for t in self._sets[number]]
            self._join(number, lead, more)

    def join_below(self) -> None:
        """What one side runs beyond the other's operators below the place where both part comes
        from there."""
        for lead, members in enumerate(self._sets):
            for frame in _partings(members):
                below = Below(members[0].case.sites[0].recording, frame)
                for number, others in enumerate(self._sets):
                    if number != lead and _is_below(below, members, others):
                        self._join(number, lead, [_below_there(t, frame) for t in others])

    def join_added(self) -> None:
        """The same operators that one line runs on top of what both sides run are one addition,
        whatever they are added to. Where more is known of the cause, that may be of the rest."""
        found: dict[object, list[int]] = {}
        for number, members in enumerate(self._sets):
            keys = {_added(t) for t in members}
            if len(keys) == 1 and None not in keys and all(t.is_expression for t in members):
                found.setdefault((members[0].side, *keys), []).append(number)
        for numbers in found.values():
            lead, *others = sorted(numbers, key=lambda i: -self._sets[i][0].saving)
            for number in others:
                self._join(number, lead, [_added_there(t) for t in self._sets[number]])

    def _join(self, number: int, lead: int, evidence: Sequence[Evidence]) -> None:
        if number in self._joins or (number, lead) in self._refused or self._lead(lead) == number:
            return
        self._joins[number] = _Join(lead, tuple(evidence))

    def _lead(self, number: int) -> int:
        while number in self._joins:
            number = self._joins[number].lead
        return number

    def joined(self) -> Iterator[tuple[list[Told], tuple[Evidence, ...]]]:
        """The sets that belong to none, each with those that belong to it, and what is said of
        these."""
        for lead, members in enumerate(self._sets):
            if lead in self._joins:
                continue
            mine = [number for number in self._joins if self._lead(number) == lead]
            mine.sort(key=lambda number: -self._sets[number][0].saving)
            more = tuple(each for number in mine for each in self._joins[number].evidence)
            others = [t for number in mine for t in self._sets[number]]
            yield [*members, *sorted(others, key=lambda t: -t.saving)], more


def _by_key(told: Sequence[Told]) -> list[list[Told]]:
    """Findings that a key joins, what saves most first."""
    unions, seen = Unions(len(told)), dict[object, int]()
    for number, each in enumerate(told):
        for key in each.decided_by():
            unions.join(number, seen.setdefault(key, number))
    found = [[told[i] for i in members] for members in unions.sets()]
    return [sorted(members, key=lambda each: -each.saving) for members in found]


def _all_given(members: Sequence[Told], given: Mapping[int, Given]) -> Given | None:
    """What all regions of a set are given otherwise, by one origin; None where more is known of
    their cause, or some of them differ in something else."""
    regions = [region for t in members for region in t.case.judged.group.regions]
    if not all(t.is_look for t in members) or not all(region in given for region in regions):
        return None
    found = Given(
        frozenset().union(*(given[region].kinds for region in regions)),
        frozenset().union(*(given[region].origins for region in regions)),
    )
    fits = all(_fits(t.explanation, found.kinds) for t in members)
    return found if len(found.origins) == 1 and fits else None


def _fits(found: Explanation | None, kinds: frozenset[Kind]) -> bool:
    """Whether an explanation names what is given otherwise, if it names more than a copy."""
    if found is None or is_movement(found):
        return True
    if found.kind == "layout":
        return ("layout",) in kinds
    values = {each.removeprefix(_TORCH) for each in (found.wasteful_value, found.efficient_value)}
    return any(set(kind[1:]) == values for kind in kinds)


def _partings(members: Sequence[Told]) -> list[Frame]:
    """Where the other side goes another way than a set: where what decides was followed from, or
    where it would have been."""
    first = members[0]
    if first.is_expression:
        return list(first.partings)
    followed, found = first.facts.followed, first.explanation
    if followed is None or found is None or found.name != followed.name:
        return []
    return [followed.function]


def _is_below(below: Below, members: Sequence[Told], others: Sequence[Told]) -> bool:
    """Whether ``others`` are known by their expressions at most, and what they run more is all
    below the place where ``members`` part from the other side, beside what these run there."""
    first = members[0]
    if others[0].side != first.side or not all(t.is_expression for t in others):
        return False
    return all(
        below.explains(t.case.operators[0], _every_name(t.case))
        and below.connects(first.case.every[0], t.case.every[0])
        and (not first.is_expression or (_on_one_line(first, t) and t.saving <= first.saving))
        for t in others
    )


def _every_name(case: Case) -> list[str]:
    """What the other side runs, also to move data."""
    operators = case.sites[1].recording.operators
    return [operators[i].name for i in case.operators[1]]


def _names(case: Case, side: int) -> list[str]:
    return [each.name for each in case.telling(side)]


def _added(told: Told) -> Added | None:
    return added(told.case.sites[0].recording, told.case.operators[0], _every_name(told.case))


def _on_one_line(*told: Told) -> bool:
    """Whether one expression of the user's runs all of them."""
    frames = {each.case.sites[0].user_frame(each.case.dominant[0]) for each in told}
    return len(frames) == 1 and None not in frames


def _tried_too(told: Told, tried: TriedFact) -> Evidence:
    return Evidence("trial", f"{_named(told)} too: {tried.text}", told.finding.location)


def _given_there(told: Told, kinds: frozenset[Kind]) -> Evidence:
    found = []
    for kind in sorted(kinds):
        _, *values = kind if told.side == "a" else (kind[0], *reversed(kind[1:]))
        found.append(" instead of ".join(values) or "another layout")
    text = f"{_named(told)} is only given otherwise what it computes with: {', '.join(found)}"
    return Evidence("given", text, told.finding.location)


def _below_there(told: Told, frame: Frame) -> Evidence:
    place = told.case.sites[0].location(frame)
    text = f"{_named(told)} runs below {frame.function} (line {place.start.line}) too"
    return Evidence("path", text, told.finding.location)


def _added_there(told: Told) -> Evidence:
    return Evidence("path", f"{_named(told)} has the same added", told.finding.location)


def _named(told: Told) -> str:
    names = list(dict.fromkeys(_names(told.case, 0)))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
