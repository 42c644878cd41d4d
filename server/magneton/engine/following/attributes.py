"""From an attribute to what set it: a constructor, a class, a later assignment, a getter."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described, Inspect

from ...source.definitions import Definition, attribute_values
from ...source.program import Function, Scope, positions
from .asking import Asker, text_of
from .deciding import conditions, returned_by
from .hops import NOWHERE, Hop, Spot, item
from .parameters import given
from .stores import attribute_stores, library_stores, set_in_loop

_CONSTRUCTOR = "__init__"


async def attribute_hop(asker: Asker, spot: Spot, base: Described, name: str) -> Hop | None:
    """What gave ``base``, on which attribute ``name`` is read at ``spot``, that attribute; None
    where ``base`` keeps it in a way that only its own origin tells."""
    if base.token is None:
        return None
    told = await asker.ask(Inspect("attribute", base.token, name))
    if told.kept == "member" and told.places:
        member = text_of(told.value)
        return await _class(asker, spot, told.places[0], member or name)
    if (later := await attribute_stores(asker, base.token, name)) is not None:
        return later
    if told.kept == "module":
        module = asker.module_spot(told)
        expression = ast.Name(name, ast.Load())
        return Hop((replace(module, expression=expression),)) if module is not None else NOWHERE
    if told.kept == "getter":
        return await _getter(asker, told.moments[0])
    if told.kept == "instance":
        found = await _instance(asker, base, base.token, name)
        found = found or await library_stores(asker, base.token, name)
        if found is not None or not told.moments:
            return found
        return await _getter(asker, told.moments[0])  # what gave it may have kept it as well
    if told.kept == "class" and base.builders and (taken := await _field(asker, base, name)):
        return taken
    if told.kept == "class" and told.places:
        return await _class(asker, spot, told.places[0], name)
    return None


async def option_hop(asker: Asker, spot: Spot, key: str) -> Hop | None:
    """The argument ``key`` of the constructor of the object on which the spot's method runs, where
    it had the spot's value: what lies in dictionaries that an object fills for itself, its options,
    leads no further."""
    if not isinstance(spot.scope.node, Function) or not positions(spot.scope.node):
        return None
    own = ast.Name(positions(spot.scope.node)[0], ast.Load())
    base = await asker.looked_up(spot.moment, own, entered=True)
    held = await asker.value(spot)
    for moment in base.builders if base is not None and held is not None else ():
        entered = await asker.looked_up(moment, ast.Name(key, ast.Load()), entered=True)
        if entered is not None and held is not None and entered.value == held.value is not None:
            return await given(asker, moment, key, [])
    return None


async def _getter(asker: Asker, moment: int) -> Hop:
    scope = await asker.scope(moment)
    return returned_by(asker.text, moment, scope) if scope is not None else NOWHERE


async def _instance(asker: Asker, base: Described, token: int, name: str) -> Hop | None:
    """The assignment ``self.name = …`` that ran last in the constructors, else the argument of
    that name which they were given."""
    async for moment, scope in _methods(asker, base, token):
        first = positions(scope.node)[0] if isinstance(scope.node, Function) else ""
        found = attribute_values(scope, first, name)
        if found:
            return _assigned(asker, moment, scope, found, name)
        if (looped := await set_in_loop(asker, moment, scope, first, name)) is not None:
            return looped
    return await _taken(asker, base, token, name)


async def _methods(asker: Asker, base: Described, token: int) -> AsyncIterator[tuple[int, Scope]]:
    """The methods that ran on the object, other than constructors first."""
    classes = (await asker.ask(Inspect("classes", token))).places
    for place in classes:
        class_scope = asker.text.class_scope(place)
        body = getattr(class_scope.node, "body", []) if class_scope is not None else []
        for method in body:
            if class_scope is None or not isinstance(method, Function):
                continue
            if method.name == _CONSTRUCTOR or not positions(method):
                continue
            scope = Scope(place.path, f"{place.function}.{method.name}", method)
            if (moment := await _ran_on(asker, scope, token)) is not None:
                yield moment, scope
    for moment in base.builders:
        scope_of = await asker.scope(moment)
        if scope_of is not None:
            yield moment, scope_of


async def _ran_on(asker: Asker, scope: Scope, token: int) -> int | None:
    """The last call of a method on the object."""
    assert isinstance(scope.node, Function)
    own = ast.Name(positions(scope.node)[0], ast.Load())
    moments = (await asker.ask(Inspect("running", 0, place=scope.frame(scope.node)))).moments
    for moment in reversed(moments):
        held = await asker.looked_up(moment, own, entered=True)
        if held is not None and held.token == token:
            return moment
    return None


def _assigned(asker: Asker, moment: int, scope: Scope, found: list[Definition], name: str) -> Hop:
    spots = tuple(
        Spot(moment, scope, each.value, each.statement) for each in found if each.value is not None
    )
    several = [each.statement for each in found] if len(found) > 1 else ()
    chosen = conditions(asker.text, moment, scope, several)
    return Hop(spots, name, scope.frame(found[-1].statement), conditions=chosen)


async def _taken(asker: Asker, base: Described, token: int, name: str) -> Hop | None:
    """The constructor's argument ``name``, of a class that keeps its arguments."""
    classes = (await asker.ask(Inspect("classes", token))).places
    fields = [field for place in reversed(classes) for field in _fields(asker, place)]
    for moment in base.builders:
        entered = await asker.looked_up(moment, ast.Name(name, ast.Load()), entered=True)
        if entered is not None:
            found = await given(asker, moment, name, list(dict.fromkeys(fields)))
            return replace(found, default=found.default or _default(asker, classes, name))
    for moment in base.builders:
        scope = await asker.scope(moment)
        rest = getattr(getattr(scope and scope.node, "args", None), "kwarg", None)
        if scope is None or rest is None:
            continue
        kept = item(ast.Name(rest.arg, ast.Load()), name)
        if await asker.looked_up(moment, kept, entered=True) is not None:
            return Hop((Spot(moment, scope, kept, None, entered=True),))
    if name in fields and base.builders:
        left_out = await given(asker, base.builders[0], name, [])  # the constructor was given none
        return replace(left_out, default=_default(asker, classes, name))
    return None


def _default(asker: Asker, classes: Sequence[Frame], name: str) -> Frame | None:
    """Where the first of the user's ``classes`` that has field ``name`` gives it a default."""
    for place in classes:
        scope = asker.text.class_scope(place) if place.path in asker.files else None
        for statement in getattr(scope and scope.node, "body", []):
            if scope is not None and _body_target(statement) == name and statement.value:
                return scope.frame(statement)
    return None


async def _field(asker: Asker, base: Described, name: str) -> Hop | None:
    """The argument that a tuple with named fields was made with."""
    entered = await asker.looked_up(base.builders[0], ast.Name("_cls", ast.Load()), entered=True)
    return await _taken(asker, base, base.token or 0, name) if entered is not None else None


def _fields(asker: Asker, place: Frame) -> list[str]:
    scope = asker.text.class_scope(place)
    body = getattr(scope.node, "body", []) if scope is not None else []
    return [
        each.target.id
        for each in body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]


async def _class(asker: Asker, spot: Spot, owner: Frame, name: str) -> Hop:
    """A class attribute: its value in the class body, after what chose the class."""
    assert isinstance(spot.expression, ast.Attribute)
    chosen = replace(spot, expression=spot.expression.value)
    scope = asker.text.class_scope(owner)
    if scope is None or (around := await _around(asker, scope)) is None:
        return Hop((chosen,))
    for statement in reversed(getattr(scope.node, "body", [])):
        target = _body_target(statement)
        if target == name and statement.value is not None:
            value = replace(around, expression=statement.value, at=statement)
            return Hop((value,), name, scope.frame(statement), conditions=(chosen,))
    return Hop((chosen,))


async def _around(asker: Asker, scope: Scope) -> Spot | None:
    """The body of a class, in the last call of the function that it is written in."""
    text, void = asker.text, ast.Constant(None)
    for outer in list(text.around(scope.path, scope.node))[1:]:
        if isinstance(outer, Function):
            name = scope.name.rpartition(".<locals>.")[0]
            own = Scope(scope.path, name, outer)
            told = await asker.ask(Inspect("running", 0, place=own.frame(outer)))
            return Spot(told.moments[-1], own, void, None) if told.moments else None
    module = await asker.module(scope.path)
    return replace(module, scope=scope) if module is not None else None


def _body_target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None
