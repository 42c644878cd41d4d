"""The questions that following asks one program about what it ran."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described, Inspect, Inspected

from ...source.program import ProgramText, Scope, looked_into, with_base
from ..side import Side
from .hops import Spot

_MADE = "<string>"


class Asker:
    """Asks one side; remembers what it was told."""

    def __init__(self, side: Side, text: ProgramText) -> None:
        self._side, self.text = side, text
        self._told: dict[Inspect, Inspected] = {}

    @functools.cached_property
    def files(self) -> tuple[str, ...]:
        """The workspace's files that the program imported."""
        workspace = self._side.locator.workspace
        return tuple(str(workspace / file) for file in self._side.loaded.files)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The workspace, and the folders of those files."""
        found = (self._side.locator.workspace, *(Path(file).parent for file in self.files))
        return tuple(dict.fromkeys(found))

    async def texts(self, moment: int) -> tuple[str, ...]:
        """The texts and paths among a moment's names."""
        told = (await self.ask(Inspect("texts", moment))).value
        return tuple(ast.literal_eval(told.value or "()")) if told is not None else ()

    async def ask(self, question: Inspect) -> Inspected:
        """The side's answer."""
        if question not in self._told:
            self._told[question] = await self._side.ask(question, Inspected)
        return self._told[question]

    async def looked_up(
        self, moment: int, expression: ast.expr, entered: bool = False
    ) -> Described | None:
        """What an expression that only looks up is; None where that cannot be told."""
        text = ast.unparse(expression)
        return (await self.ask(Inspect("entered" if entered else "value", moment, text))).value

    async def value(self, spot: Spot) -> Described | None:
        """What the spot's expression is, as far as that was seen or can be looked up."""
        call = looked_into(spot.expression)
        if isinstance(call, ast.Call):
            place = spot.scope.frame(call)
            called = (await self.ask(Inspect("called", spot.moment, place=place))).value
            if called is not None:
                return await self._of(called, spot.expression, call)
        return await self.looked_up(spot.moment, spot.expression, spot.entered)

    async def _of(
        self, called: Described, expression: ast.expr, call: ast.expr
    ) -> Described | None:
        """What ``expression`` looks up in what ``call`` was seen to return."""
        if expression is call or called.token is None:
            return called if expression is call else None
        text = ast.unparse(with_base(expression, ast.Name("_", ast.Load())))
        return (await self.ask(Inspect("within", called.token, text))).value

    async def keys(self, spot: Spot) -> tuple[str, ...]:
        """The texts among the keys of the mapping at a spot."""
        held = await self.value(spot)
        if held is None or held.token is None:
            return ()
        told = (await self.ask(Inspect("keys", held.token))).value
        return tuple(ast.literal_eval(told.value or "()")) if told is not None else ()

    async def scope(self, moment: int) -> Scope | None:
        """The function of a moment."""
        places = (await self.ask(Inspect("moment", moment))).places
        return self.text.scope(places[0]) if places else None

    async def caller(self, moment: int) -> Spot | None:
        """The expression from which a moment was called; of code that was made, not written (the
        constructor of a dataclass), that from which it was called itself."""
        while True:
            told = await self.ask(Inspect("moment", moment))
            if not told.moments or len(told.places) < 2:
                return None
            if not told.places[1].path.endswith(_MADE):
                return await self._spot(told.moments[0], told.places[1])
            moment = told.moments[0]

    async def _spot(self, moment: int, place: Frame) -> Spot | None:
        scope = self.text.scope(place)
        expression = self.text.expression(place)
        if scope is None or expression is None:
            return None
        return Spot(moment, scope, expression, self.text.statement(place.path, expression))

    async def callers(self, moment: int) -> tuple[Frame, ...]:
        """The places from which a moment was called, the innermost first."""
        found: list[Frame] = []
        while len(found) < 100:
            told = await self.ask(Inspect("moment", moment))
            found += told.places[1:2]
            if not told.moments:
                break
            moment = told.moments[0]
        return tuple(found)

    async def path(self, moment: int) -> tuple[tuple[int, Frame], ...]:
        """The calls around a moment, each with the place in it from which it went on; the innermost
        first."""
        found: list[tuple[int, Frame]] = []
        while len(found) < 100:
            told = await self.ask(Inspect("moment", moment))
            if not told.moments:
                break
            moment = told.moments[0]
            found += [(moment, place) for place in told.places[1:2]]
        return tuple(found)

    async def children(self, spot: Spot) -> tuple[int, ...]:
        """The calls that the spot's expression made."""
        place = spot.scope.frame(spot.expression)
        return (await self.ask(Inspect("called", spot.moment, place=place))).moments

    async def module(self, path: str) -> Spot | None:
        """The end of a module's body, its expression void."""
        place = Frame(path, "<module>", 1, 1, 0, 1, 0)
        return self.module_spot(await self.ask(Inspect("module", 0, place=place)))

    async def module_called(self, moment: int, name: str, level: int) -> Spot | None:
        """The end of the body of the module that ``moment`` knows as ``name``."""
        return self.module_spot(await self.ask(Inspect("module", moment, "." * level + name)))

    def module_spot(self, told: Inspected) -> Spot | None:
        """A module that was told, as :meth:`module`."""
        if not told.moments or not told.places:
            return None
        scope = self.text.module(told.places[0].path)
        void = ast.Constant(None)
        return Spot(told.moments[0], scope, void, None) if scope is not None else None


def constant_of(told: Described | None) -> ast.Constant | None:
    """What was told of a value, as a literal; None of what is none, or was shortened."""
    if told is None or told.value is None:
        return None
    try:
        return ast.Constant(ast.literal_eval(told.value))
    except (ValueError, SyntaxError):
        return None


def text_of(told: Described | None) -> str | None:
    """The text that was told of, if it is one."""
    found = constant_of(told)
    return found.value if found is not None and isinstance(found.value, str) else None
