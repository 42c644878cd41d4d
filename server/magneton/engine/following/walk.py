"""Follows one difference between two programs backwards, both at once."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described, Visit

from ...source.definitions import comprehension_parts
from ...source.program import Comprehension, ProgramText, is_lookup
from ...source.valueflow import ValueFlow
from .asking import Asker, constant_of
from .changes import Changes
from .counterparts import Counterparts
from .hops import Hop, Spot, item
from .overriding import Overridden
from .points import Point
from .start import choosing, entered, parting
from .stores import moments_of
from .tracing import Tracer

_MOST = 200  # pairs of expressions that one search looks at
_MOST_ITEMS = 64  # of two lists
_MORE = 40  # after a way was found that ends where both programs are written alike
_TENSORS = (".TensorFacts", ".Tensor", ".Parameter", ".ndarray")
_UNKNOWN = "another value"
Pair = tuple[Spot, Spot]


class Walk:
    """Walks back in the wasteful and the efficient program, told in that order."""

    def __init__(
        self, tracers: tuple[Tracer, Tracer], counterparts: Counterparts, text: ProgramText
    ) -> None:
        self._tracers, self._counterparts, self._text = tracers, counterparts, text
        self._changes = Changes(text, tracers[0].asker, tracers[1].asker)
        self._overridden = Overridden(tracers[0].asker, self._changes)

    async def from_pair(self, start: Pair) -> tuple[Point, ...]:
        """The places between a pair of spots whose values differ and the first origin found of
        that; empty where none has a name.

        Where a way through the value-flow graph ends without a name, the next one is tried; also
        where it ends in text that both programs have, as another may not.
        """
        flow = ValueFlow(start)
        hops: dict[Pair, Hop] = {}
        others: dict[Pair, Hop] = {}
        pending = [start]
        tensors: tuple[Point, ...] = ()
        first: tuple[Point, ...] = ()
        most = _MOST
        while pending and len(hops) < most:
            pair = pending.pop()
            if pair in hops:
                continue
            wasteful, efficient = [
                await tracer.back(spot) for tracer, spot in zip(self._tracers, pair, strict=True)
            ]
            chosen = await self._overridden.calls(pair)
            chosen += await self._deciding(pair, wasteful, efficient)
            chosen += await self.came(wasteful, efficient)
            if not chosen:
                wasteful = await self._left_out(wasteful, efficient)
            hops[pair] = self._unlisted(pair, await self._overridden.named(pair[0], wasteful))
            others[pair] = efficient
            made_of = await self._looped(pair) or await self._made_of(pair, wasteful, efficient)
            sources = chosen + made_of
            later = await self._owners(pair) + await self._handed_in(wasteful, efficient)
            flow.add(pair, [*sources, *later])
            pending = [*reversed(later), *pending, *reversed(sources)]
            if not sources:
                way = [(each, hops[each], others[each]) for each in flow.way(pair)]
                points = await self._points(way)
                if all(each.tensor or each.alike for each in points):
                    tensors = tensors or points
                elif self._is_change(points):
                    return points
                elif not first:
                    first, most = points, min(most, len(hops) + _MORE)
        return first or tensors

    def _is_change(self, points: Sequence[Point]) -> bool:
        """Whether the way ends where the programs are written otherwise, or outside of them."""
        last = points[-1]
        return last.hop.lasting or self._changes.has((last.place, *last.hop.callers))

    async def _handed_in(self, wasteful: Hop, efficient: Hop) -> list[Pair]:
        """What differs of what a library's function was given."""
        if len(wasteful.handed_in) != len(efficient.handed_in):
            return []
        pairs = zip(wasteful.handed_in, efficient.handed_in, strict=True)
        return [each for each in pairs if await self.differ(each)]

    async def _owners(self, pair: Pair) -> list[Pair]:
        """The objects that an attribute is read of, where they were built in different places."""
        x, y = pair
        if not isinstance(x.expression, ast.Attribute) or not isinstance(
            y.expression, ast.Attribute
        ):
            return []
        bases = (
            replace(x, expression=x.expression.value),
            replace(y, expression=y.expression.value),
        )
        sites: list[Frame] = []
        for side, base in enumerate(bases):
            told = await self._asker(side).value(base)
            site = (
                await self._asker(side).caller(told.builders[0]) if told and told.builders else None
            )
            sites += [site.scope.frame(site.expression)] if site is not None else []
        if len(sites) < 2 or not is_lookup(x.expression) or not is_lookup(y.expression):
            return []
        alike = self._counterparts.alike(sites[0], sites[1])
        return [bases] if alike is None else []

    async def came(self, wasteful: Hop, efficient: Hop) -> list[Pair]:
        """Where only one side ran the statement that gave the value: what differs of the conditions
        on which it does."""
        if wasteful.stored == efficient.stored:
            return []
        side = 0 if wasteful.stored else 1
        hop, own, other = (wasteful, efficient)[side], self._asker(side), self._asker(1 - side)
        if hop.place is None:
            return []
        outer = await own.path(hop.spots[0].moment)
        path = [(hop.spots[0].moment, hop.place), *outer][::-1]
        moments = {place: moment for moment, place in path}
        both = await self._counterparts.ran_too([place for _, place in path], other, side)
        for here, there in reversed(both):
            scopes = self._text.scope(here), self._text.scope(there)
            visits = await self.earlier(1 - side, there)
            if scopes[0] is None or scopes[1] is None or not visits:
                continue
            reached = [(scopes[0], here, Visit(moments[here], ())), (scopes[1], there, visits[0])]
            x, y = reached if side == 0 else reached[::-1]
            pairs = [each.pair for each in parting(self._text, (x, y), came=False)]
            pairs += entered(self._text, (x, y))
            if found := [each for each in pairs if await self.differ(each)]:
                return found
        return []

    def _asker(self, side: int) -> Asker:
        return self._tracers[side].asker

    async def _left_out(self, wasteful: Hop, efficient: Hop) -> Hop:
        """``wasteful``, ended at the mapping that does not give what the other side's gives, or at
        the default where both are left at theirs and the other program has it nowhere so."""
        default = wasteful.default if wasteful.given is False is efficient.given else None
        if default is not None and self._changes.has((default,)):
            return replace(wasteful, place=default, given=None, owner=None, callers=())
        if len(wasteful.left_out) <= len(efficient.left_out):
            return wasteful
        mapping = wasteful.left_out[len(efficient.left_out)]
        return await self._tracers[0].left_out(mapping, wasteful.key)

    async def _points(self, way: Sequence[tuple[Pair, Hop, Hop]]) -> tuple[Point, ...]:
        points: list[Point] = []
        values: tuple[str | None, str | None] = (None, None)
        name: str | None = None
        lasting: Hop | None = None
        for pair, hop, other in way:
            points += await self._chosen(pair)
            if points and hop.stored and _written_otherwise(*pair):
                continue  # where that item was stored decides nothing
            if lasting is None:
                values = _latest(values, await self.texts(pair))
                name = hop.name or name
                lasting = hop if hop.lasting else None
            if name is not None and hop.place is not None:
                tensor, alike = await self.is_tensor(pair), await self.differ(pair) is False
                said = replace(hop, kind=lasting.kind, given=None, owner=None) if lasting else hop
                alike = alike and lasting is None
                there = (other.place, *other.callers) if other.place is not None else ()
                points.append(Point(said, name, hop.place, *_said(values), tensor, alike, there))
        return tuple(points)

    async def is_tensor(self, pair: Pair) -> bool:
        """Whether the wasteful side's value is a tensor."""
        told = await self._tracers[0].asker.value(pair[0])
        return told is not None and told.type.endswith(_TENSORS)

    async def _chosen(self, pair: Pair) -> list[Point]:
        """A callee that differs is a place to change, whatever it is found to come from."""
        spot = pair[0]
        if spot.chosen is None:
            return []
        name, place = ast.unparse(spot.expression), spot.scope.frame(spot.chosen)
        return [Point(Hop(kind="call"), name, place, *_said(await self.texts(pair)))]

    async def _deciding(self, pair: Pair, wasteful: Hop, efficient: Hop) -> list[Pair]:
        """What chose where the two sides' values come from, and differs."""
        if _written_otherwise(*pair) or self._is_own(wasteful):
            return []
        tests = choosing(self._text, *pair)
        if len(wasteful.conditions) == len(efficient.conditions):
            tests += zip(wasteful.conditions, efficient.conditions, strict=True)
        return [
            each
            for each in tests
            if await self.differ(each)
            and await self._could_be(pair, each)
            and await self._overridden.returns(each[0]) is None
        ]

    async def _could_be(self, pair: Pair, test: Pair) -> bool:
        """Whether the wasteful side could be given the other's value of ``test``: not where that is
        a key that only the other side's table has. Then what the tables hold decides."""
        asker, (spot, _) = self._asker(0), pair
        looked = (each for each in ast.walk(spot.expression) if isinstance(each, ast.Subscript))
        found = next((each for each in looked if each.slice is test[0].expression), None)
        key = constant_of(await self._asker(1).value(test[1]))
        if found is None or key is None:
            return True
        table = await asker.value(replace(spot, expression=found.value))
        other = ast.copy_location(ast.Subscript(found.value, key, ast.Load()), found)
        return table is None or await asker.value(replace(spot, expression=other)) is not None

    def _is_own(self, hop: Hop) -> bool:
        """Whether a class gives the value in words that the other program's class of that name, if
        it has one, has not: then the class was not chosen among those that both have."""
        return _in_class(hop) and hop.place is not None and self._changes.has((hop.place,))

    def _unlisted(self, pair: Pair, hop: Hop) -> Hop:
        """``hop`` without its place where both sides look up other attributes of a class that both
        programs have, or one a member of an enumeration: what the class lists decides nothing."""
        listed = _in_class(hop) and (_written_otherwise(*pair) or _is_member(hop))
        listed = listed and not self._is_own(hop)
        return replace(hop, name=None, place=None) if listed else hop

    async def _made_of(self, pair: Pair, wasteful: Hop, efficient: Hop) -> list[Pair]:
        """The spots to go on from: those that differ, else the only one that may."""
        if _written_otherwise(*pair) or _named_otherwise(pair, wasteful, efficient):
            return []
        if not efficient.spots:  # it ends there on that side; this side's value may go on
            return [(each, pair[1]) for each in wasteful.spots if len(wasteful.spots) == 1]
        if wasteful.given is False and not wasteful.spots:  # what gave the other side its value?
            return [(pair[0], each) for each in efficient.spots if len(efficient.spots) == 1]
        if len(wasteful.spots) != len(efficient.spots):
            other = efficient.spots[0] if efficient.stored else pair[1]
            return [(wasteful.spots[0], other)] if wasteful.stored else []
        pairs = list(zip(wasteful.spots, efficient.spots, strict=True))
        if len(pairs) == 1:
            return pairs
        differ = [await self.differ(each) for each in pairs]
        unknown = [each for each, known in zip(pairs, differ, strict=True) if known is None]
        found = [each for each, known in zip(pairs, differ, strict=True) if known]
        if len(unknown) == 2 and _is_method_of(unknown[0][0], unknown[1][0]):
            unknown = unknown[1:]
        return found or (unknown if len(unknown) == 1 else [])

    async def earlier(self, side: int, function: Frame) -> tuple[Visit, ...]:
        """The last call of a function that ran before the step."""
        asker = self._tracers[side].asker
        scope = self._text.scope(function)
        moments = await moments_of(asker, scope) if scope is not None else ()
        return tuple(Visit(each, ()) for each in moments[-1:])

    async def entries(self, pair: Pair) -> list[Pair]:
        """The entries of a pair of mappings, of the texts among their keys."""
        found = [
            await tracer.asker.keys(spot) for tracer, spot in zip(self._tracers, pair, strict=True)
        ]
        x, y = pair
        return [
            (
                replace(x, expression=item(x.expression, key)),
                replace(y, expression=item(y.expression, key)),
            )
            for key in dict.fromkeys((*found[0], *found[1]))
        ]

    async def _looped(self, pair: Pair) -> list[Pair]:
        """The entry in which two mappings differ that loops go through; none where there are
        several."""
        x, y = (_mapping(spot) for spot in pair)
        if x is None or y is None:
            return await self._listed(pair)
        found = [each for each in await self.entries((x, y)) if await self.differ(each)]
        return found if len(found) == 1 else []

    async def _listed(self, pair: Pair) -> list[Pair]:
        """The item in which two lists differ that loops go through; the first where all that do
        differ alike."""
        x, y = pair
        if not all(
            isinstance(each.at, ast.For) and each.at.iter is each.expression for each in pair
        ):
            return []
        found: dict[tuple[str | None, str | None], Pair] = {}
        for number in range(_MOST_ITEMS):
            items = (
                replace(x, expression=item(x.expression, number)),
                replace(y, expression=item(y.expression, number)),
            )
            said = await self.texts(items)
            if None in said:
                break
            if await self.differ(items):
                found.setdefault(said, items)
        return list(found.values()) if len(found) == 1 else []

    async def differ(self, pair: Pair) -> bool | None:
        """Whether a pair of spots holds other values; None where that is not known."""
        x, y = pair
        if isinstance(x.expression, ast.Constant) and isinstance(y.expression, ast.Constant):
            return x.expression.value != y.expression.value
        found = [
            await tracer.asker.value(spot) for tracer, spot in zip(self._tracers, pair, strict=True)
        ]
        if found[0] is not None and found[1] is not None:
            return self._unlike(found[0], found[1])
        if is_lookup(x.expression):
            return None
        parts = [parts_of(spot) for spot in pair]
        if len(parts[0]) != len(parts[1]) or not parts[0]:
            return None
        known = [await self.differ(inner) for inner in zip(*parts, strict=True)]
        if any(known):
            return True
        return None if None in known or isinstance(x.expression, ast.Call) else False

    def _unlike(self, x: Described, y: Described) -> bool:
        if x.value is not None or y.value is not None:
            return x.value != y.value and not _same_number(x.value, y.value)
        if x.defined is None or y.defined is None:
            return x.type != y.type
        return self._counterparts.alike(x.defined, y.defined) is None

    async def texts(self, pair: Pair) -> tuple[str | None, str | None]:
        """What the spots hold, in words."""
        found = []
        for tracer, spot in zip(self._tracers, pair, strict=True):
            told = await tracer.asker.value(spot)
            found.append(None if told is None else told.value or _short(told.type))
        return found[0], found[1]


def _latest(
    before: tuple[str | None, str | None], now: tuple[str | None, str | None]
) -> tuple[str | None, str | None]:
    x, y = (old if new is None else new for old, new in zip(before, now, strict=True))
    return x, y


def _said(values: tuple[str | None, str | None]) -> tuple[str, str]:
    return values[0] or _UNKNOWN, values[1] or _UNKNOWN


def _in_class(hop: Hop) -> bool:
    """Whether a class body gives the value."""
    return bool(hop.spots) and isinstance(hop.spots[0].scope.node, ast.ClassDef)


def _is_member(hop: Hop) -> bool:
    """Whether that class is an enumeration."""
    bases: list[ast.expr] = getattr(hop.spots[0].scope.node, "bases", [])
    return any(_short(ast.unparse(base)) in _ENUMERATIONS for base in bases)


_ENUMERATIONS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum")


def _written_otherwise(x: Spot, y: Spot) -> bool:
    """Whether two look-ups ask for another attribute or item: the difference is in the text."""
    one, other = x.expression, y.expression
    if isinstance(one, ast.Attribute) and isinstance(other, ast.Attribute):
        return one.attr != other.attr
    if isinstance(one, ast.Subscript) and isinstance(other, ast.Subscript):
        keys = (one.slice, other.slice)
        return all(isinstance(key, ast.Constant) for key in keys) and (
            ast.dump(keys[0]) != ast.dump(keys[1])
        )
    return False


def _named_otherwise(pair: Pair, wasteful: Hop, efficient: Hop) -> bool:
    """Whether two names are of one module, which both programs have."""
    names = [each.expression.id for each in pair if isinstance(each.expression, ast.Name)]
    scopes = [each.spots[0].scope for each in (wasteful, efficient) if each.spots]
    if len(names) < 2 or len(scopes) < 2 or names[0] == names[1]:
        return False
    modules = all(isinstance(each.node, ast.Module) for each in scopes)
    return modules and scopes[0].path == scopes[1].path


def _is_method_of(callee: Spot, owner: Spot) -> bool:
    """Whether ``callee`` is no more than a method of ``owner``."""
    node = callee.expression
    return isinstance(node, ast.Attribute) and node.value is owner.expression


def _mapping(spot: Spot) -> Spot | None:
    """The mapping of ``mapping.items()`` or ``mapping.values()``."""
    node = spot.expression
    function = node.func if isinstance(node, ast.Call) and not node.args else None
    if not isinstance(function, ast.Attribute) or function.attr not in ("items", "values"):
        return None
    return replace(spot, expression=function.value)


def parts_of(spot: Spot) -> list[Spot]:
    """What an expression is made of."""
    node = spot.expression
    parts = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
    if isinstance(node, Comprehension):  # its own names are nowhere else
        parts = comprehension_parts(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        parts.insert(1, node.func.value)
    return [Spot(spot.moment, spot.scope, each, spot.at, spot.entered) for each in parts]


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _same_number(x: str | None, y: str | None) -> bool:
    """Whether two texts are one number: ``5`` and ``5.0``."""
    try:
        return x is not None and y is not None and float(x) == float(y)
    except ValueError:
        return False
