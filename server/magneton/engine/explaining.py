"""Asks both programs, in workers of their own, why a region's sides differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Probe, Probed, Site, Visit
from magneton_agent.schema.recording import Operator, Recording

from ..analysis.diagnosis.facts import Followed, Passed
from ..analysis.paths import (
    Alike,
    Common,
    Fork,
    call_path,
    common_end,
    common_path,
    fork,
    parted_at,
    run_path,
    same_place,
)
from ..analysis.provenance import Read, differing_input, operand, trail
from ..source.program import ProgramText
from .following.asking import Asker
from .following.coming import Level, levels, parted
from .following.counterparts import Counterparts
from .following.gradients import PartedBy, parted_conversions, parted_gradients
from .following.held import holding
from .following.points import Point, user_end
from .following.start import Parting, Reached, parting, passes_on
from .following.tracing import Tracer
from .following.walk import Pair, Walk
from .side import Side

_MOST = 4  # pairs of call paths that are looked at


@dataclass(frozen=True)
class Subject:
    """One side of a finding: its ``operators``, of which ``dominant`` costs most."""

    side: Side
    recording: Recording
    operators: tuple[int, ...]
    dominant: int

    def firsts(self) -> dict[str, int]:
        """The first of the operators of each name."""
        found: dict[str, int] = {}
        for number in self.operators:
            found.setdefault(self.recording.operators[number].name, number)
        return found

    def places(self) -> tuple[int, ...]:
        """The first of the operators that ran below each stack."""
        found: dict[int, int] = {}
        for number in self.operators:
            found.setdefault(self.recording.operators[number].stack, number)
        return tuple(found.values())


class Explainer:
    """Looks into one step of the wasteful and the efficient program.

    Both must have been loaded with their construction traced, unless only ``shared`` is asked.
    """

    def __init__(
        self,
        wasteful: Subject,
        efficient: Subject,
        text: ProgramText,
        is_user: Callable[[Frame], bool],
    ) -> None:
        self._sides, self._text, self._is_user = (wasteful.side, efficient.side), text, is_user
        self._recordings = wasteful.recording, efficient.recording
        self._counterparts = Counterparts(text, self._sides)
        self._subjects, self._alike = (wasteful, efficient), self._counterparts.alike
        self._commons = _commons(wasteful, efficient, self._alike)

    @property
    def shared(self) -> bool:
        """Whether both sides run common functions."""
        return bool(self._commons)

    @property
    def partings(self) -> tuple[Frame, ...]:
        """The wasteful side's frames from which the costliest operators of both go another way, as
        they were written and, of a backward pass, as it ran."""
        found: list[Frame | None] = []
        for path in (call_path, run_path):
            x, y = (path(each.recording, each.dominant) for each in self._subjects)
            found.append(parted_at(x, y, self._alike))
        return tuple(dict.fromkeys(each for each in found if each is not None))

    @property
    def fork(self) -> Fork | None:
        """Where the costliest operators of both go another way, as they were written, else as they
        ran; None where they go none."""
        for path in (call_path, run_path):
            x, y = (path(each.recording, each.dominant) for each in self._subjects)
            if (found := fork(x, y, self._alike)) is not None:
                return found
        return None

    async def followed(self) -> Followed | None:
        """What decides that the two paths part below their common functions, told from the wasteful
        side; the innermost function is looked at first. Where nothing does, what decides on what
        the functions are given by which both end."""
        _, walk = self._tracers()
        for common in self._commons:
            if (found := await self._below(common, walk)) is not None:
                return found
        x, y = (call_path(each.recording, each.dominant) for each in self._subjects)
        end = common_end(x, y, self._alike)
        return told if end and _decides(told := await self._below(end, walk)) else None

    async def set_by(self, paths: tuple[Sequence[Frame], Sequence[Frame]]) -> Followed | None:
        """What decides that a setting gets the wasteful side's value: ``paths`` are the frames from
        which each side set it, the innermost first; none of one that never did."""
        tracers, walk = self._tracers()
        x, y = (tuple(reversed(path)) for path in paths)
        common = common_path(x, y, self._counterparts.alike)
        if not (x and y):
            await self._visit(())  # what only the step runs is not known before
            side = 0 if x else 1
            found = await self._counterparts.ran_too(x or y, tracers[1 - side].asker, side)
            common = tuple(each if x else each[::-1] for each in found)
        return await self._below(common, walk, came=bool(x and y)) if common else None

    async def seldom(self, operator: int) -> Followed | None:
        """What decides that the efficient side comes to the wasteful one's ``operator`` less often,
        if at all; the innermost function is looked at first."""
        tracers, walk = self._tracers()
        await self._visit(())  # what only the step runs is not known before
        path = call_path(self._recordings[0], operator)
        found = await levels(self._text, path, tracers[1].asker, self._counterparts)
        try:
            return await self._came_to(found, walk)
        except RecursionError:  # an expression is too long to be followed
            return None

    async def gradients(self) -> Followed | None:
        """What decides that parameters record gradients on the wasteful side, and not on the
        other."""
        tracers, walk = self._tracers()
        await self._visit(())  # what only the step runs is not known before
        return await self._said(parted_gradients, tracers, walk)

    async def _said(
        self, parted_by: PartedBy, tracers: tuple[Tracer, Tracer], walk: Walk
    ) -> Followed | None:
        """What decides on what statements of the user's own say."""
        askers = tracers[0].asker, tracers[1].asker
        try:
            async for pair in parted_by(walk, self._text, askers, self._counterparts):
                place = pair[0].scope.frame(pair[0].expression)
                if _decides(told := self._told(place, await walk.from_pair(pair))):
                    return told
        except RecursionError:  # an expression is too long to be followed
            return None
        return None

    async def made_so(self, operators: tuple[Operator, Operator]) -> Followed | None:
        """What decides that an operand of ``operators``, one a side, is otherwise on the wasteful
        one: followed to the operators that made it so, else to what holds it where it is read."""
        pair = operators[0].id, operators[1].id
        place = differing_input(self._recordings, pair)
        if place is None:
            return None
        found = trail(self._recordings, Read(pair, place))
        tracers, walk = self._tracers()
        for makers in found.makers:
            common = self._common(makers)
            if _decides(told := await self._below(common, walk) if common else None):
                return told
        for read in reversed(found.reads):
            if _decides(told := await self._held(read, tracers, walk)):
                return told
        values = operand(self._recordings, found.reads[-1])
        if found.makers or any(each.origin != "parameter" for each in values):
            return None
        return await self._said(parted_conversions, tracers, walk)

    async def _held(
        self, read: Read, tracers: tuple[Tracer, Tracer], walk: Walk
    ) -> Followed | None:
        common = self._common(read.operators)
        visits = await self._visit(common)
        askers = tracers[0].asker, tracers[1].asker
        operands = operand(self._recordings, read)
        for number in reversed(range(len(common))):
            seen = visits[0][number], visits[1][number]
            pair = await holding(askers, self._text, common[number], seen, operands)
            if pair is not None:
                try:
                    return self._told(common[number][0], await walk.from_pair(pair))
                except RecursionError:  # an expression is too long to be followed
                    return None
        return None

    def _common(self, operators: tuple[int, int]) -> Common:
        x, y = (
            call_path(recording, operator)
            for recording, operator in zip(self._recordings, operators, strict=True)
        )
        return common_path(x, y, self._counterparts.alike)

    async def _came_to(self, found: Sequence[Level], walk: Walk) -> Followed | None:
        visits = [
            (await runner.ask(Probe(_sites(found, side)), Probed)).sites
            for side, runner in enumerate(self._sides)
        ]
        begin = 0
        for level in found:
            end = begin + len(level.tests) + 1
            seen = visits[0][begin:end], visits[1][begin:end]
            begin = end
            async for pair in parted(walk, self._text, level, seen):
                told = self._told(level.place[0], await walk.from_pair(pair))
                if _decides(told):
                    return told
        return None

    def _tracers(self) -> tuple[tuple[Tracer, Tracer], Walk]:
        x, y = (Tracer(Asker(side, self._text), self._text) for side in self._sides)
        return (x, y), Walk((x, y), self._counterparts, self._text)

    async def _below(self, common: Common, walk: Walk, came: bool = True) -> Followed | None:
        try:
            return await self._parted(common, walk, came)
        except RecursionError:  # an expression is too long to be followed
            return None

    async def _parted(self, common: Common, walk: Walk, came: bool) -> Followed | None:
        visits = await self._visit(common)
        for number in reversed(range(len(common))):
            pair = common[number]
            seen = [visits[side][number] or await walk.earlier(side, pair[side]) for side in (0, 1)]
            for reached in self._reached(pair, (seen[0], seen[1])):
                async for points in self._ways(walk, parting(self._text, reached, came)):
                    if (found := self._told(pair[0], points)) is not None:
                        return found
        return None

    async def _ways(self, walk: Walk, found: Sequence[Parting]) -> AsyncIterator[tuple[Point, ...]]:
        """The ways back from what differs, those from tensors last."""
        tensors: list[Pair] = []
        for each in found:
            pairs = [each.pair]
            if passes_on(self._text, each.pair[0]):
                pairs = await walk.entries(each.pair)
            for pair in pairs:
                differ = await walk.differ(pair)
                if not (differ or (each.decides and differ is None)):
                    continue
                if await walk.is_tensor(pair):
                    tensors.append(pair)
                else:
                    yield await walk.from_pair(pair)
        for pair in tensors:
            yield await walk.from_pair(pair)

    async def _visit(self, common: Common) -> list[tuple[tuple[Visit, ...], ...]]:
        found = []
        for side, runner in enumerate(self._sides):
            sites = tuple(_site(pair[side]) for pair in common)
            found.append((await runner.ask(Probe(sites), Probed)).sites)
        return found

    def _reached(
        self, pair: tuple[Frame, Frame], visits: tuple[tuple[Visit, ...], tuple[Visit, ...]]
    ) -> Iterator[tuple[Reached, Reached]]:
        scopes = [self._text.scope(frame) for frame in pair]
        if scopes[0] is None or scopes[1] is None:
            return
        for x, y in zip(*visits, strict=False):
            yield (scopes[0], pair[0], x), (scopes[1], pair[1], y)

    def _told(self, function: Frame, points: Sequence[Point]) -> Followed | None:
        point = user_end(points, self._is_user)
        if point is None:
            return None
        return Followed(
            function=function,
            kind=point.hop.kind,
            name=point.name,
            wasteful_value=point.wasteful_value,
            efficient_value=point.efficient_value,
            place=point.place,
            given=point.hop.given,
            owner=point.hop.owner,
            way=tuple(_passed(each) for each in points),
            tensor=point.tensor,
            there=next(iter(point.there), None),
        )


def _commons(wasteful: Subject, efficient: Subject, alike: Alike) -> list[Common]:
    """What the call paths share: of the costliest operators, as they were written and as they ran,
    then of the costliest on the wasteful side and the first of its kind on the other, then that
    which runs below most of the same functions, then of others of one kind."""
    own, others = wasteful.firsts(), efficient.firsts()
    dominant = wasteful.recording.operators[wasteful.dominant].name

    def common(x: int, y: int) -> Common:
        paths = call_path(wasteful.recording, x), call_path(efficient.recording, y)
        return common_path(*paths, alike)

    found = _of_costliest(wasteful, efficient, alike)
    found += [common(wasteful.dominant, others[dominant])] if dominant in others else []
    nearest = (common(wasteful.dominant, each) for each in efficient.places())
    found.append(max(nearest, key=_reach, default=()))
    found += [common(own[name], others[name]) for name in own if name in others]
    return [each for each in dict.fromkeys(found) if each][:_MOST]


def _of_costliest(wasteful: Subject, efficient: Subject, alike: Alike) -> list[Common]:
    """What the paths of the costliest operators share, as they were written and as they ran; of a
    backward pass that was written alike the pass alone parts."""
    found, parted = [], []
    for path in (call_path, run_path):
        x, y = (path(each.recording, each.dominant) for each in (wasteful, efficient))
        found.append(common_path(x, y, alike))
        parted.append(parted_at(x, y, alike))
    return found[::-1] if parted[0] is None and parted[1] is not None else found


def _reach(common: Common) -> tuple[int, bool]:
    """How far two paths go together, and whether they go on from one place there."""
    return len(common), bool(common) and same_place(*common[-1])


def _passed(point: Point) -> Passed:
    return Passed(point.name, point.wasteful_value, point.efficient_value, point.place)


def _site(frame: Frame) -> Site:
    return Site(frame.path, frame.function, frame.first_line, frame.line)


def _decides(found: Followed | None) -> bool:
    """Whether ``found`` names what has other values on either side, and is no tensor."""
    return found is not None and not found.tensor and found.wasteful_value != found.efficient_value


def _sites(found: Sequence[Level], side: int) -> tuple[Site, ...]:
    return tuple(site for level in found for site in level.sites(side))
