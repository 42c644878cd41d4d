"""Asks both programs, in workers of their own, why a region's sides differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import (
    Argument,
    Described,
    Inspect,
    Inspected,
    Probe,
    Probed,
    Site,
    SiteValues,
)

from ..analysis.diagnosis.facts import ArgumentFact, CalleeFact, Origin
from ..analysis.paths import Divergence
from ..source.dataflow import Assignment, CallText, SourceReader
from .side import Side

_SELF = "self"


@dataclass(frozen=True)
class Question:
    """A finding whose sides run common code, told from the wasteful side (first of every pair).

    ``caller`` is the frame from which that side enters the first common function."""

    divergence: Divergence
    caller: Frame | None


@dataclass(frozen=True)
class Answer:
    callee: CalleeFact | None
    arguments: tuple[ArgumentFact, ...]


class Explainer:
    """Looks into one step of the wasteful and the efficient program.

    Both runners must have been loaded with their construction traced.
    """

    def __init__(
        self,
        wasteful: Side,
        efficient: Side,
        reader: SourceReader,
        is_user: Callable[[Frame], bool],
    ) -> None:
        self._sides = (wasteful, efficient)
        self._reader, self._is_user = reader, is_user

    async def answer(self, question: Question) -> Answer:
        """What differs between the common functions of both paths."""
        values = await self._visit(question.divergence)
        return Answer(
            callee=await self._callee(question, values),
            arguments=tuple(self._arguments(question, values)),
        )

    async def _visit(self, divergence: Divergence) -> list[tuple[SiteValues, SiteValues]]:
        found = []
        for side, runner in enumerate(self._sides):
            sites = tuple(self._site(pair[side]) for pair in divergence.common)
            found.append((await runner.ask(Probe(sites), Probed)).sites)
        return list(zip(*found, strict=True))

    def _site(self, frame: Frame) -> Site:
        call = self._reader.call_at(frame)
        expressions = (_SELF, call.callee) if call is not None else (_SELF,)
        return Site(frame.path, frame.function, frame.first_line, frame.line, expressions)

    async def _callee(
        self, question: Question, values: Sequence[tuple[SiteValues, SiteValues]]
    ) -> CalleeFact | None:
        split = question.divergence
        if not split.same_place or _same_code(split.callee_a, split.callee_b):
            return None
        function = split.common[-1][0]
        call = self._reader.call_at(function)
        if call is None:
            return None
        wasteful, efficient = (_named(side, call.callee) for side in values[-1])
        if wasteful is None or efficient is None or wasteful.type == efficient.type:
            return None
        if not (_runs(wasteful, split.callee_a) and _runs(efficient, split.callee_b)):
            return None  # another visit of the same place than the region's
        owner = tuple(_named(side, _SELF) for side in values[-1])
        assignment = self._assignment(call, owner[0])
        origin = None
        if assignment is not None:
            origin = await self._origin(assignment, owner)
        return CalleeFact(
            function=function,
            expression=call.callee,
            wasteful_callee=_short(wasteful.type, unlike=efficient.type),
            efficient_callee=_short(efficient.type, unlike=wasteful.type),
            set_in=assignment.frame if assignment is not None else None,
            set_from=assignment.value if assignment is not None else None,
            origin=origin,
        )

    def _assignment(self, call: CallText, owner: Described | None) -> Assignment | None:
        prefix, _, attribute = call.callee.partition(".")
        if prefix != _SELF or not attribute or owner is None or owner.defined is None:
            return None
        return self._reader.attribute_assignment(owner.defined, attribute)

    async def _origin(
        self, assignment: Assignment, owner: tuple[Described | None, ...]
    ) -> Origin | None:
        """The first value that the assignment reads and that differs between the sides."""
        for lookup in assignment.lookups:
            pair = await self._inspect(owner, assignment.function, lookup)
            if pair is None or _text(pair[0]) == _text(pair[1]):
                continue
            holder, _, name = lookup.rpartition(".")
            built = owner
            if holder:
                held = await self._inspect(owner, assignment.function, holder)
                built = held if held is not None else owner
            return self._origin_of(name, pair, built[0])
        return None

    def _origin_of(
        self, name: str, pair: tuple[Described, Described], built: Described | None
    ) -> Origin:
        call = built.built[0] if built is not None and built.built else None
        user = self._first_user_call(built)
        return Origin(
            name=name,
            wasteful_value=_text(pair[0]),
            efficient_value=_text(pair[1]),
            owner=_short(built.type) if built is not None else "its owner",
            call=user or call,
            given=self._given(user or call, name, None),
        )

    def _first_user_call(self, built: Described | None) -> Frame | None:
        frames = built.built if built is not None else ()
        return next((frame for frame in frames if self._is_user(frame)), None)

    def _given(self, call: Frame | None, name: str, position: int | None) -> bool | None:
        """Whether ``call`` gives argument ``name``, which has a ``position`` where that is
        known."""
        text = self._reader.call_at(call) if call is not None else None
        if text is None:
            return None
        if name in text.keywords:
            return True
        by_position = text.positional > (position if position is not None else 0)
        return None if text.starred or by_position else False

    async def _inspect(
        self, owner: tuple[Described | None, ...], function: str, expression: str
    ) -> tuple[Described, Described] | None:
        found = []
        for runner, held in zip(self._sides, owner, strict=True):
            if held is None or held.token is None:
                return None
            answer = await runner.ask(Inspect(held.token, function, expression), Inspected)
            if answer.value is None:
                return None
            found.append(answer.value)
        return found[0], found[1]

    def _arguments(
        self, question: Question, values: Sequence[tuple[SiteValues, SiteValues]]
    ) -> Iterator[ArgumentFact]:
        """Scalar arguments of the outermost common function that differ and reach the region's
        call."""
        split = question.divergence
        for pair, (wasteful, efficient) in zip(split.common, values, strict=True):
            differing = list(_differing(wasteful.arguments, efficient.arguments))
            parted = pair == split.common[-1] and not split.same_place
            distances = self._distances(pair[0], parted) if differing else {}
            names = [each.name for each in wasteful.arguments]
            names = names[1:] if names[:1] == [_SELF] else names
            found = [
                ArgumentFact(
                    function=pair[0],
                    name=x.name,
                    wasteful_value=_text(x.value),
                    efficient_value=_text(y.value),
                    distance=distances[x.name],
                    call=question.caller,
                    given=self._given(question.caller, x.name, names.index(x.name)),
                )
                for x, y in differing
                if x.name in distances
            ]
            if found:
                yield from found
                return

    def _distances(self, frame: Frame, parted: bool) -> dict[str, int]:
        """Where the sides went on from different places, what decided that comes first."""
        deciding = self._reader.deciding_parameters(frame) if parted else {}
        return deciding or self._reader.reaching_parameters(frame)


def _differing(x: Sequence[Argument], y: Sequence[Argument]) -> Iterator[tuple[Argument, Argument]]:
    """Scalar arguments of equal name and other value."""
    others = {each.name: each for each in y}
    for each in x:
        other = others.get(each.name)
        if other is None or each.name == _SELF:
            continue
        if each.value.value is None and other.value.value is None:
            continue
        if _text(each.value) != _text(other.value):
            yield each, other


def _named(values: SiteValues, expression: str) -> Described | None:
    return next((each for each in values.values if each.expression == expression), None)


def _text(found: Described) -> str:
    return found.value if found.value is not None else found.type


def _short(type_name: str, unlike: str = "") -> str:
    """The last part of a qualified name, or all of it where that tells it from ``unlike``."""
    short = type_name.rpartition(".")[2]
    return short if short != unlike.rpartition(".")[2] else type_name


def _runs(called: Described, callee: Frame | None) -> bool:
    """Whether calling the object enters ``callee``, as far as both are written in Python."""
    written = called.defined
    if written is None or callee is None:
        return True
    inside = written.first_line <= callee.first_line <= written.end_line
    return written.path == callee.path and inside


def _same_code(a: Frame | None, b: Frame | None) -> bool:
    if a is None or b is None:
        return a is b
    return (a.path, a.function, a.first_line) == (b.path, b.function, b.first_line)
