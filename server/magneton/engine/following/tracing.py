"""One hop back: from an expression to what its value is made of."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from magneton_agent.schema.messages import Described, Inspect

from ...source.definitions import (
    Definers,
    Definitions,
    comprehension_parts,
    comprehension_source,
)
from ...source.program import Comprehension, ProgramText, is_lookup
from .asking import Asker, constant_of
from .attributes import attribute_hop, option_hop
from .calls import call_hop, copied_from, environment_item, remembered
from .deciding import conditions, returned_by
from .entries import entry_hop
from .files import is_section, parsed_entry, parsed_text
from .hops import NOWHERE, Hop, Spot
from .parameters import item_hop, parameter_hop
from .stores import appended, item_stores, name_stores

_WRITTEN = (ast.Dict, ast.List, ast.Tuple)
_MOST_HOPS = 20  # from where a mapping is used to where it is made


class Tracer:
    """Follows values of one side backwards."""

    def __init__(self, asker: Asker, text: ProgramText) -> None:
        self._asker, self._text = asker, text
        self._definers = Definers(text)

    @property
    def asker(self) -> Asker:
        """Who asks that side."""
        return self._asker

    async def back(self, spot: Spot) -> Hop:
        """Where the spot's value comes from; a hop without spots where that ends."""
        handlers: dict[type[ast.AST], Callable[[Spot], Awaitable[Hop]]] = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
            ast.Constant: _constant,
        }
        return await handlers.get(type(spot.expression), _parts)(spot)

    async def left_out(self, mapping: Spot, key: str) -> Hop:
        """Where a mapping was made that was given no ``key``."""
        held = await self._asker.value(mapping)
        for _ in range(_MOST_HOPS):
            expression = mapping.expression
            if isinstance(expression, ast.Name):
                found = await item_hop(self._asker, mapping, expression.id, key)
                if found is not None:
                    return found
            held = await self._asker.value(mapping) or held
            spots: Sequence[Spot] = _merged_last(mapping)
            if not spots and not isinstance(expression, _WRITTEN):
                spots = await self._same(held, (await self.back(mapping)).spots)
            if len(spots) != 1:
                break
            mapping = spots[0]
        place = mapping.scope.frame(mapping.expression)
        return Hop((), key, place, given=False, callers=await self._asker.callers(mapping.moment))

    async def _same(self, held: Described | None, found: Sequence[Spot]) -> Sequence[Spot]:
        """Of several that a mapping may be, ``given or {}``, the one that it is."""
        if len(found) < 2 or held is None:
            return found
        told = [(each, await self._asker.value(each)) for each in found]
        return [each for each, other in told if other and held.token == other.token is not None]

    async def _name(self, spot: Spot) -> Hop:
        assert isinstance(spot.expression, ast.Name)
        name, node = spot.expression.id, spot.scope.node
        if isinstance(node, Comprehension):
            return await self._in_comprehension(spot, node, name)
        found = self._definers.definitions(spot.scope, name, spot.at)
        if spot.entered and found.parameter:
            return await parameter_hop(self._asker, spot, name)
        imported = next((each.imported for each in found.found if each.imported), None)
        if imported is not None:
            return await self._imported(spot, *imported)
        if found.parameter and not any(each.value for each in found.found):
            return await parameter_hop(self._asker, replace(spot, entered=True), name)
        if not found.found:
            return await self._outer(spot, name)
        return await self._assigned(spot, name, found)

    async def _assigned(self, spot: Spot, name: str, found: Definitions) -> Hop:
        """What a name was assigned, after the conditions that chose between several."""
        values = [(each.statement, each.value) for each in found.found if each.value is not None]
        if not values:
            return _decorated(spot, found)
        last = values[-1][0]
        built = await self._built(spot) if isinstance(last, ast.For) else None
        if built is not None:
            return built
        spots = [Spot(spot.moment, spot.scope, value, at) for at, value in values]
        chosen: tuple[Spot, ...] = ()
        if len(spots) > 1 or found.parameter:
            chosen = conditions(self._text, spot.moment, spot.scope, [at for at, _ in values])
        if found.parameter:
            spots.append(replace(spot, entered=True))
        return Hop(tuple(spots), name, spot.scope.frame(last), conditions=chosen)

    async def _built(self, spot: Spot) -> Hop | None:
        """The call that built the object, where that was seen: it may come from a container that
        nothing is known of. What called the function of that call may have chosen it."""
        told = await self._asker.value(spot)
        builders = told.builders if told is not None else ()
        site = await self._asker.caller(builders[0]) if builders else None
        if site is None:
            return None
        around = await self._asker.caller(site.moment)
        callee = getattr(around and around.expression, "func", None)
        chosen = (replace(around, expression=callee),) if around and callee else ()
        return Hop((site,), conditions=chosen)

    async def _in_comprehension(self, spot: Spot, node: Comprehension, name: str) -> Hop:
        outer = (await self._asker.ask(Inspect("enclosing", spot.moment, name))).moments
        scope = await self._asker.scope(outer[0]) if outer else None
        if scope is None:
            return NOWHERE
        at = self._text.statement(spot.scope.path, node)
        source = comprehension_source(node, name)
        built = await self._built(spot) if source is not None else None
        if built is not None:
            return built
        expression = source if source is not None else spot.expression
        return Hop((Spot(outer[0], scope, expression, at),))

    async def _outer(self, spot: Spot, name: str) -> Hop:
        """A name of the function around the spot's, else of its module."""
        outer = (await self._asker.ask(Inspect("enclosing", spot.moment, name))).moments
        if outer:
            scope = await self._asker.scope(outer[0])
            return Hop((Spot(outer[0], scope, spot.expression, None),)) if scope else NOWHERE
        if isinstance(spot.scope.node, ast.Module):
            return NOWHERE
        if (stored := await name_stores(self._asker, spot.scope.path, name)) is not None:
            return stored
        module = await self._asker.module(spot.scope.path)
        if module is None or not self._definers.definitions(module.scope, name, None).found:
            return NOWHERE
        return Hop((replace(module, expression=spot.expression),))

    async def _imported(self, spot: Spot, module: str, level: int, name: str | None) -> Hop:
        found = await self._asker.module_called(spot.moment, module, level)
        if found is None or name is None:
            return NOWHERE
        return Hop((replace(found, expression=ast.Name(name, ast.Load())),))

    async def _attribute(self, spot: Spot) -> Hop:
        assert isinstance(spot.expression, ast.Attribute)
        base, name = spot.expression.value, spot.expression.attr
        held = await self._held(spot, base)
        if name == "name" and is_section(held):
            if isinstance(base, ast.Subscript):
                return Hop((replace(spot, expression=base.slice),))
            return await self._through(spot, base)
        if (found := await entry_hop(self._asker, spot, held)) is not None:
            return found
        hop = await attribute_hop(self._asker, spot, held, name) if held is not None else None
        return hop or await self._through(spot, base)

    async def _held(self, spot: Spot, base: ast.expr) -> Described | None:
        return await self._asker.value(replace(spot, expression=base))

    async def _subscript(self, spot: Spot) -> Hop:
        assert isinstance(spot.expression, ast.Subscript)
        base, key = spot.expression.value, spot.expression.slice
        if (variable := await environment_item(self._asker, spot)) is not None:
            return variable
        if (parsed := await parsed_entry(self._asker, spot)) is not None:
            return parsed
        if isinstance(key, ast.Constant):
            if (own := _own_attribute(spot.expression)) is not None:
                return Hop((replace(spot, expression=own),))
            if isinstance(base, ast.Name):
                given = await item_hop(self._asker, spot, base.id, key.value)
                if given is not None:
                    return given
            return await self._item(spot, base, key.value)
        if not is_lookup(key):
            return await _parts(spot)
        chosen = replace(spot, expression=key)
        told = await self._asker.value(chosen)
        constant = constant_of(told)
        if constant is None:
            return Hop((chosen,))
        fixed = ast.copy_location(ast.Subscript(base, constant, ast.Load()), spot.expression)
        return Hop((replace(spot, expression=fixed),), conditions=(chosen,))

    async def _item(self, spot: Spot, base: ast.expr, key: object) -> Hop:
        held = await self._held(spot, base)
        if held is not None and held.token is not None:
            stored = await item_stores(self._asker, held.token, key, spot)
            if stored is None and isinstance(key, int):
                stored = await appended(self._asker, held.token, key)
            if stored is not None:
                return stored
        if (entry := await entry_hop(self._asker, spot, held)) is not None:
            return entry
        if isinstance(key, str) and self._is_looped(spot, base):
            option = await option_hop(self._asker, spot, key)
            if option is not None:
                return option
        return await self._through(spot, base)

    def _is_looped(self, spot: Spot, base: ast.expr) -> bool:
        """Whether ``base`` is one of several things that a loop goes through."""
        if not isinstance(base, ast.Name):
            return False
        found = self._definers.definitions(spot.scope, base.id, spot.at).found
        return bool(found) and all(isinstance(each.statement, ast.For) for each in found)

    async def _through(self, spot: Spot, base: ast.expr) -> Hop:
        """One hop back of what is looked into; the look-up goes along."""
        inner = replace(spot, expression=base)
        if isinstance(base, Comprehension):
            return await _parts(inner)
        if isinstance(base, ast.Call):
            copied = copied_from(base)
            if (parsed := await parsed_text(self._asker, inner)) is not None:
                return Hop((parsed,))
            if copied is not None:
                hop = Hop((replace(spot, expression=copied),))
            else:
                hop = await call_hop(self._asker, inner) or await self._returned(inner)
                if not hop.spots:  # C code: what it was given is all that is known
                    return await self._call(inner)
        else:
            hop = await self.back(inner)
        kept = tuple(_looked_into(each, spot.expression) for each in hop.spots)
        return Hop(kept, place=hop.place, conditions=hop.conditions)

    async def _call(self, spot: Spot) -> Hop:
        if (known := await call_hop(self._asker, spot)) is not None:
            return known
        assert isinstance(spot.expression, ast.Call)
        call = spot.expression
        callee = replace(spot, expression=call.func, chosen=call)
        inside = await self._returned(spot)
        parts = (await _parts(spot)).spots[1:]
        if isinstance(call.func, ast.Attribute):
            parts = (replace(spot, expression=call.func.value), *parts)
        if inside.spots:
            library = inside.spots[0].scope.path not in self._asker.files
            chosen = (callee, *inside.conditions)
            if library:
                return Hop(inside.spots, conditions=chosen, handed_in=parts)
            return replace(inside, conditions=chosen)
        return Hop((callee, *parts))

    async def _returned(self, spot: Spot) -> Hop:
        """What the called function returned."""
        made = await self._asker.children(spot) or await remembered(self._asker, spot)
        for moment in made[-1:]:
            scope = await self._asker.scope(moment)
            if scope is not None:
                return returned_by(self._text, moment, scope)
        return NOWHERE


def _merged_last(spot: Spot) -> tuple[Spot, ...]:
    """The mapping that ``{**defaults, **given}`` takes last, or ``dict(given)`` copies: it could
    have given anything."""
    node = spot.expression
    last = node.values[-1:] if isinstance(node, ast.Dict) and node.keys[-1:] == [None] else []
    copied = copied_from(node) if isinstance(node, ast.Call) else None
    found = last if copied is None else [copied]
    return tuple(replace(spot, expression=each) for each in found if is_lookup(each))


def _own_attribute(node: ast.Subscript) -> ast.Attribute | None:
    """``x.name`` of ``x.__dict__["name"]``."""
    base, key = node.value, node.slice
    if not isinstance(base, ast.Attribute) or base.attr != "__dict__":
        return None
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return None
    return ast.copy_location(ast.Attribute(base.value, key.value, ast.Load()), node)


def _decorated(spot: Spot, found: Definitions) -> Hop:
    """A function or class is what its decorators make of it."""
    decorators = getattr(found.found[-1].statement, "decorator_list", [])
    return Hop(tuple(replace(spot, expression=each, chosen=each) for each in decorators))


async def _constant(spot: Spot) -> Hop:
    return NOWHERE


async def _parts(spot: Spot) -> Hop:
    """What an expression is made of; a condition before what it chooses between."""
    node = spot.expression
    if isinstance(node, ast.IfExp):
        parts: list[ast.expr] = [node.test, node.body, node.orelse]
    elif isinstance(node, Comprehension):
        parts = comprehension_parts(node)
    else:
        parts = [part for each in ast.iter_child_nodes(node) for part in _expressions(each)]
    return Hop(tuple(replace(spot, expression=each) for each in parts))


def _expressions(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.expr):
        return [node]
    return [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]


def _looked_into(found: Spot, lookup: ast.expr) -> Spot:
    """``found`` in the place of what ``lookup`` looks into."""
    copied: Any
    if isinstance(lookup, ast.Attribute):
        copied = ast.Attribute(found.expression, lookup.attr, ast.Load())
    else:
        assert isinstance(lookup, ast.Subscript)
        copied = ast.Subscript(found.expression, lookup.slice, ast.Load())
    return replace(found, expression=ast.copy_location(copied, found.expression))
