"""Calls that look something up, and are followed as look-ups are."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.messages import Described

from ...source.program import Function, positions
from .asking import Asker, text_of
from .files import parsed_entry
from .hops import Hop, Spot
from .stores import called_stores, moments_of, variable_stores

_ENVIRONMENT = "os._Environ"
_GETTERS = ("get", "pop")
_COPIES = frozenset(("dict", "list", "tuple", "copy", "deepcopy", "OrderedDict"))


async def call_hop(asker: Asker, spot: Spot) -> Hop | None:
    """What a call of a known kind looks up; None where it is of another kind."""
    call = spot.expression
    assert isinstance(call, ast.Call)
    function = call.func
    if isinstance(function, ast.Name) and function.id == "getattr" and len(call.args) >= 2:
        return await _attribute(asker, spot, call)
    if (parsed := await parsed_entry(asker, spot)) is not None:
        return parsed
    if isinstance(function, ast.Attribute) and function.attr in _GETTERS:
        base = await asker.value(replace(spot, expression=function.value))
        if base is not None and base.type == _ENVIRONMENT and call.args:
            return await _variable(asker, spot, call.args[0], call.args[1:])
        if base is not None and base.type.endswith("ContextVar") and base.token is not None:
            return await _context(asker, spot, function.value, base)
        if call.args:
            return await _item(asker, spot, function.value, call)
    told = await asker.value(replace(spot, expression=function))
    if told is not None and told.type == "os.getenv" and call.args:
        return await _variable(asker, spot, call.args[0], call.args[1:])
    return None


async def remembered(asker: Asker, spot: Spot) -> tuple[int, ...]:
    """The earlier call of a function that remembers what it returned: with the same arguments."""
    call = spot.expression
    assert isinstance(call, ast.Call)
    told = await asker.value(replace(spot, expression=call.func))
    scope = asker.text.scope(told.defined) if told is not None and told.defined else None
    if scope is None or not isinstance(scope.node, Function):
        return ()
    if not any("cache" in ast.unparse(each) for each in scope.node.decorator_list):
        return ()
    given = list(zip(positions(scope.node), call.args, strict=False))
    given += [(each.arg, each.value) for each in call.keywords if each.arg is not None]
    found = []
    for moment in await moments_of(asker, scope):
        for name, argument in given:
            entered = await asker.looked_up(moment, ast.Name(name, ast.Load()), entered=True)
            if entered is None or entered != await asker.value(replace(spot, expression=argument)):
                break
        else:
            found.append(moment)
    return tuple(found)


def copied_from(call: ast.Call) -> ast.expr | None:
    """What a call copies: ``dict(x)``, ``x.copy()``, ``copy.deepcopy(x)``; None of other calls."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in _COPIES and len(call.args) == 1 and not isinstance(call.args[0], ast.Starred):
        return call.args[0]
    bare = not call.args and not call.keywords
    method = isinstance(call.func, ast.Attribute) and call.func.attr == "copy" and bare
    return call.func.value if isinstance(call.func, ast.Attribute) and method else None


async def environment_item(asker: Asker, spot: Spot) -> Hop | None:
    """``os.environ[name]``."""
    node = spot.expression
    assert isinstance(node, ast.Subscript)
    base = await asker.value(replace(spot, expression=node.value))
    if base is None or base.type != _ENVIRONMENT:
        return None
    return await _variable(asker, spot, node.slice, ())


async def _attribute(asker: Asker, spot: Spot, call: ast.Call) -> Hop | None:
    """``getattr(object, name)``: what decides is the name, else the attribute."""
    chosen = replace(spot, expression=call.args[1])
    told = await asker.value(chosen)
    name = text_of(told)
    if name is None:
        return None
    node = ast.copy_location(ast.Attribute(call.args[0], name, ast.Load()), call)
    deciding = () if isinstance(call.args[1], ast.Constant) else (chosen,)
    return Hop((replace(spot, expression=node),), conditions=deciding)


async def _item(asker: Asker, spot: Spot, base: ast.expr, call: ast.Call) -> Hop | None:
    """``dictionary.get(key, default)``, or ``pop``; None of what is taken out of a list."""
    chosen = replace(spot, expression=call.args[0])
    key = text_of(await asker.value(chosen))
    taken_out = isinstance(call.func, ast.Attribute) and call.func.attr == "pop"
    if taken_out and key is None:
        return None
    deciding = () if isinstance(call.args[0], ast.Constant) else (chosen,)
    constant = ast.Constant(key) if key is not None else call.args[0]
    item = ast.copy_location(ast.Subscript(base, constant, ast.Load()), call)
    held = await asker.value(replace(spot, expression=item))
    if held is not None or len(call.args) < 2 or taken_out:
        return Hop((replace(spot, expression=item),), conditions=deciding)
    without = (replace(spot, expression=base),) if key is not None else ()
    default = replace(spot, expression=call.args[1])
    return Hop((default,), conditions=deciding, left_out=without, key=key or "")


async def _variable(
    asker: Asker, spot: Spot, key: ast.expr, default: Sequence[ast.expr]
) -> Hop | None:
    """An environment variable: where the user's program sets it, else where it is read, or gets
    its ``default`` from."""
    chosen = replace(spot, expression=key)
    name = text_of(await asker.value(chosen))
    if name is None:
        return None
    stored = await variable_stores(asker, name)
    if stored is not None:
        return replace(stored, name=name)
    return Hop(
        tuple(replace(spot, expression=each) for each in default),
        name,
        spot.scope.frame(spot.expression),
        "setting",
        conditions=() if isinstance(key, ast.Constant) else (chosen,),
        lasting=True,
    )


async def _context(asker: Asker, spot: Spot, variable: ast.expr, held: Described) -> Hop | None:
    """A context variable: where the user's program sets it, else its default."""
    assert held.token is not None
    stored = await called_stores(asker, held.token, "set")
    default = ast.copy_location(ast.Attribute(variable, "default", ast.Load()), variable)
    place, name = spot.scope.frame(spot.expression), ast.unparse(variable)
    return stored or Hop((replace(spot, expression=default),), name, place, lasting=True)
