"""Why one program comes to a place more often than the other: what it goes by on the way there."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Inspect, Site, Visit

from ...source.definitions import guards, loops
from ...source.program import ProgramText, Scope
from .asking import Asker
from .counterparts import Counterparts
from .hops import Spot
from .walk import Pair, Walk

_MOST = 8  # calls of a function that are compared

Both = tuple[ast.expr, ast.expr]
Visits = tuple[tuple[Visit, ...], ...]


@dataclass(frozen=True)
class Level:
    """A function that both sides ran. The wasteful one goes on from a ``place`` in it, the
    efficient one from the same in its own text, if at all. ``tests`` are the conditions on which
    they do, the outermost first; ``around`` is what is called there and what the loops around it
    go by."""

    place: tuple[Frame, Frame]
    scopes: tuple[Scope, Scope]
    tests: tuple[Both, ...]
    around: tuple[Both, ...]

    def sites(self, side: int) -> tuple[Site, ...]:
        """The lines of the tests, and that from which it goes on."""
        frame = self.place[side]
        lines = [*(both[side].lineno for both in self.tests), frame.line]
        return tuple(Site(frame.path, frame.function, frame.first_line, line) for line in lines)


async def levels(
    text: ProgramText, path: Sequence[Frame], other: Asker, counterparts: Counterparts
) -> list[Level]:
    """The functions of ``path`` (the wasteful side's, the outermost first) that the ``other`` side
    ran too, the innermost first."""
    found = []
    for here in reversed(path):
        there = await _ran_too(here, other, counterparts)
        level = _level(text, here, there) if there is not None else None
        found += [level] if level is not None else []
    return found


async def _ran_too(here: Frame, other: Asker, counterparts: Counterparts) -> Frame | None:
    """The other side's function: of its own files one that is written alike, of a library the
    same."""
    for _, there in await counterparts.ran_too((here,), other):
        return there
    if (await other.ask(Inspect("running", 0, place=here))).moments:
        return here
    return None


def _level(text: ProgramText, here: Frame, there: Frame) -> Level | None:
    x, y = text.scope(here), text.scope(there)
    node = text.expression(here)
    if x is None or y is None or node is None:
        return None
    own, others = list(ast.walk(x.node)), list(ast.walk(y.node))
    if len(own) != len(others) or node not in own:
        return None

    def both(found: Sequence[ast.expr]) -> tuple[Both, ...]:
        pairs = ((each, others[own.index(each)]) for each in found if each in own)
        return tuple((each, other) for each, other in pairs if isinstance(other, ast.expr))

    called = [node.func] if isinstance(node, ast.Call) else []
    return Level(
        (here, y.frame(others[own.index(node)])),
        (x, y),
        both(guards(text, here.path, node)),
        both([*called, *loops(text, here.path, node)]),
    )


async def parted(
    walk: Walk, text: ProgramText, level: Level, visits: tuple[Visits, Visits]
) -> AsyncIterator[Pair]:
    """What differs between the sides of what decides how often the wasteful one goes on from a
    level; ``visits`` are those to its sites."""
    x, y = visits
    for number in reversed(range(len(level.tests))):
        if _goes_less(level, number, x, y):
            pairs = _pairs(text, level, level.tests[number], x[number], y[number])
            if (found := await _first(walk, pairs)) is not None:
                yield found
    for both in level.around:
        if (found := await _first(walk, _pairs(text, level, both, x[-1], y[-1]))) is not None:
            yield found


async def _first(walk: Walk, pairs: Iterator[Pair]) -> Pair | None:
    for pair in pairs:
        if await walk.differ(pair):
            return pair
    return None


def _goes_less(level: Level, number: int, x: Visits, y: Visits) -> bool:
    """Whether the efficient side more seldom goes on from a test than the wasteful one; where the
    next place is on the test's line, nobody can tell."""
    lines = [site.line for site in level.sites(0)]
    if lines[number] == lines[number + 1]:
        return True
    return len(y[number + 1]) * len(x[number]) < len(x[number + 1]) * len(y[number])


def _pairs(
    text: ProgramText, level: Level, both: Both, x: Sequence[Visit], y: Sequence[Visit]
) -> Iterator[Pair]:
    """The expressions of either side in their calls, in turn."""
    at = [text.statement(scope.path, each) for scope, each in zip(level.scopes, both, strict=True)]
    for one, other in list(zip(x, y, strict=False))[:_MOST]:
        yield (
            Spot(one.moment, level.scopes[0], both[0], at[0]),
            Spot(other.moment, level.scopes[1], both[1], at[1]),
        )
