"""From a parameter to the argument in the call, or to the call that leaves it at its default."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Described

from ...source.program import Function, is_generator, is_method, parameters, positions
from .asking import Asker
from .hops import NOWHERE, Hop, Spot, item
from .looped import looped_entry

_CONSTRUCTOR = "__init__"
_OUTWARDS = 8  # calls between that of a generator and what it runs


async def parameter_hop(asker: Asker, spot: Spot, name: str) -> Hop:
    """What parameter ``name`` of the spot's function was given."""
    site = await _call_of(asker, spot)
    if site is None:
        return NOWHERE
    function = spot.scope.node
    if not isinstance(site.expression, ast.Call):
        # An operator or a property: what it is called on is all that is known of it.
        own = isinstance(function, Function) and positions(function)[:1] == [name]
        if not own and _decorates(asker, site):
            place, owner = site.scope.frame(site.expression), ast.unparse(site.expression)
            return Hop((), name, place, given=False, owner=owner)
        if (value := _assigned(site, function, name)) is not None:
            return Hop((replace(site, expression=value),))
        held = site.expression.value if isinstance(site.expression, ast.Attribute) else None
        return Hop((replace(site, expression=held),)) if own and held is not None else NOWHERE
    if not isinstance(function, Function | ast.Lambda):
        return NOWHERE
    _, more, rest = parameters(function)
    if (value := _set_through(site.expression, function, name)) is not None:
        return Hop((replace(site, expression=value),))
    bound = await _bound(asker, spot, site)
    if name in (more, rest):
        return _rest(site, site.expression, name, len(positions(function)) - bound, name == more)
    if bound and positions(function)[:1] == [name]:
        return await _owner(asker, spot, site)
    order = positions(function)[1 if bound else 0 :]
    return await _given(asker, spot.moment, site, name, order)


def _rest(site: Spot, call: ast.Call, name: str, named: int, more: bool) -> Hop:
    """All that a call gives for ``*args``, which come after ``named`` others, or ``**kwargs``."""
    words = [each.value for each in call.keywords]
    found = tuple(replace(site, expression=each) for each in (call.args[named:] if more else words))
    return Hop(found, name, site.scope.frame(call), given=True, owner=ast.unparse(call.func))


def _assigned(site: Spot, function: ast.AST, name: str) -> ast.expr | None:
    """What a statement assigns to an attribute or item, as its setter's last parameter."""
    last = positions(function)[-1:] if isinstance(function, Function) else []
    statement = site.at
    if last != [name] or not isinstance(statement, ast.Assign | ast.AnnAssign):
        return None
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return statement.value if site.expression in targets else None


def _set_through(call: ast.Call, function: ast.AST, name: str) -> ast.expr | None:
    """What a call hands to a property's setter, as its last parameter: no setter is called by its
    name, but by ``setattr(object, name, value)`` and the like."""
    last = positions(function)[-1:] if isinstance(function, Function) else []
    setter = any(
        isinstance(each, ast.Attribute) and each.attr == "setter"
        for each in getattr(function, "decorator_list", ())
    )
    return call.args[-1] if setter and last == [name] and call.args else None


def _decorates(asker: Asker, site: Spot) -> bool:
    """Whether the expression is a decorator, called with what it decorates."""
    around = list(asker.text.around(site.scope.path, site.expression))[1:2]
    return any(site.expression in getattr(each, "decorator_list", ()) for each in around)


async def given(asker: Asker, moment: int, name: str, order: Sequence[str]) -> Hop:
    """What the call of ``moment`` gives for ``name``; ``order`` are the parameters by position."""
    site = await asker.caller(moment)
    return await _given(asker, moment, site, name, order) if site is not None else NOWHERE


async def _call_of(asker: Asker, spot: Spot) -> Spot | None:
    """The call of the spot's function. A generator is run by whoever asks it for a value: its call
    is the one further out that names it."""
    site = await asker.caller(spot.moment)
    if not is_generator(spot.scope.node):
        return site
    own = spot.scope.frame(spot.scope.node)
    for _ in range(_OUTWARDS):
        if site is None:
            return None
        entered = site.expression.elts if isinstance(site.expression, ast.Tuple) else ()
        for call in (site.expression, *entered):
            if not isinstance(call, ast.Call):
                continue
            told = await asker.value(replace(site, expression=call.func))
            defined = told.defined if told is not None else None
            if defined is not None and (defined.path, defined.line) == (own.path, own.first_line):
                return replace(site, expression=call)
        site = await asker.caller(site.moment)
    return None


async def _given(asker: Asker, moment: int, site: Spot, name: str, order: Sequence[str]) -> Hop:
    if not isinstance(site.expression, ast.Call):
        return NOWHERE
    found = await argument(asker, site, name, order.index(name) if name in order else None)
    if found is not None:
        held = await asker.looked_up(moment, ast.Name(name, ast.Load()), entered=True)
        entry = await looped_entry(asker, found.spots[0], held) if held is not None else None
        spots = found.spots if entry is None else (entry,)
        return replace(found, spots=spots, callers=await asker.callers(moment))
    return await _left_out(asker, moment, site, name)


async def item_hop(asker: Asker, spot: Spot, name: str, key: object) -> Hop | None:
    """What ``name[key]`` was given, where ``name`` is the ``*args`` or ``**kwargs`` of the spot's
    function; None where it is neither."""
    function = spot.scope.node
    if not isinstance(function, Function | ast.Lambda):
        return None
    _, more, rest = parameters(function)
    if name not in (more, rest) or name is None:
        return None
    site = await asker.caller(spot.moment)
    if site is None or not isinstance(site.expression, ast.Call):
        return NOWHERE
    if name == rest:
        found = await argument(asker, site, str(key), None)
        return found or await _left_out(asker, spot.moment, site, str(key))
    if not isinstance(key, int):
        return NOWHERE
    before = len(positions(function)) - await _bound(asker, spot, site)
    return await argument(asker, site, None, before + key) or NOWHERE


async def argument(asker: Asker, site: Spot, name: str | None, position: int | None) -> Hop | None:
    """What the call at ``site`` gives for the parameter ``name`` at ``position``."""
    call = site.expression
    assert isinstance(call, ast.Call)
    before = await _count_before(asker, site, call)
    if position is not None and position < before:
        bound: ast.expr | None = item(ast.Attribute(call.func, "args", ast.Load()), position)
    else:
        position = position - before if position is not None else None
        bound = _written(call, name, position)
    found = bound or await _starred(asker, site, call, name, position)
    if found is None:
        found_in = await _bound_before(asker, site, call, name)
        if found_in is None:
            return None
        found = found_in
    place = site.scope.frame(call)
    owner = ast.unparse(call.func)
    return Hop((replace(site, expression=found),), name, place, given=True, owner=owner)


async def _left_out(asker: Asker, moment: int, site: Spot, name: str) -> Hop:
    """The call that leaves ``name`` at its default: that whose arguments are only passed on."""
    callers = await asker.callers(moment)
    while (outer := await _passing(asker, site, name)) is not None:
        if isinstance(outer, Hop):
            return outer
        site, callers = outer, callers[1:]
    call = site.expression
    assert isinstance(call, ast.Call)
    place = site.scope.frame(call)
    owner = ast.unparse(call.func)
    stars = [each.value for each in call.keywords if each.arg is None]
    without = tuple(replace(site, expression=each) for each in stars[-1:])
    hop = Hop((), name, place, given=False, owner=owner, callers=callers)
    return replace(hop, left_out=without, key=name, default=await _default(asker, moment, name))


async def _default(asker: Asker, moment: int, name: str) -> Frame | None:
    """Where the default of parameter ``name`` of the function of ``moment`` is written, one of the
    user's."""
    scope = await asker.scope(moment)
    function = scope.node if scope is not None else None
    if scope is None or scope.path not in asker.files or not isinstance(function, Function):
        return None
    named, plain = function.args, positions(function)
    defaults = dict(zip(reversed(plain), reversed(named.defaults), strict=False))
    keywords = zip(named.kwonlyargs, named.kw_defaults, strict=True)
    defaults |= {each.arg: value for each, value in keywords if value is not None}
    return scope.frame(defaults[name]) if name in defaults else None


async def _passing(asker: Asker, site: Spot, name: str) -> Spot | Hop | None:
    """Where the call at ``site`` passes on what its own function was given (``**kwargs``): the call
    of that, or what it gives for ``name``."""
    call, function = site.expression, site.scope.node
    if not isinstance(call, ast.Call) or not isinstance(function, Function):
        return None
    rest = parameters(function)[2]
    stars = [each.value for each in call.keywords if each.arg is None]
    if not any(isinstance(each, ast.Name) and each.id == rest for each in stars):
        return None
    outer = await asker.caller(site.moment)
    if outer is None or not isinstance(outer.expression, ast.Call):
        return None
    return await argument(asker, outer, name, None) or outer


def _written(call: ast.Call, name: str | None, position: int | None) -> ast.expr | None:
    for word in call.keywords:
        if word.arg is not None and word.arg == name:
            return word.value
    plain = []
    for each in call.args:
        if isinstance(each, ast.Starred):
            break
        plain.append(each)
    return plain[position] if position is not None and position < len(plain) else None


async def _starred(
    asker: Asker, site: Spot, call: ast.Call, name: str | None, position: int | None
) -> ast.expr | None:
    """The item of ``*args`` or ``**options`` that is given, as an expression."""
    found: list[ast.Subscript] = []
    for number, each in enumerate(call.args):
        if isinstance(each, ast.Starred) and position is not None:
            found.append(item(each.value, position - number))
            break
    for word in call.keywords:
        if word.arg is None and name is not None:
            found += [item(each, name) for each in _merged(word.value)]
    for one in found:
        if await asker.value(replace(site, expression=one)) is not None:
            return one
        if await asker.value(replace(site, expression=one.value)) is None:
            return one  # made in the call itself: it may well be in there
    return None


def _merged(mapping: ast.expr) -> list[ast.expr]:
    """What a mapping that is made in a call of others takes its entries from, the last first."""
    if isinstance(mapping, ast.Dict) and mapping.keys and not any(mapping.keys):
        return mapping.values[::-1]
    if isinstance(mapping, ast.BinOp) and isinstance(mapping.op, ast.BitOr):
        return [*_merged(mapping.right), *_merged(mapping.left)]
    return [mapping]


async def _count_before(asker: Asker, site: Spot, call: ast.Call) -> int:
    """How many arguments a ``functools.partial`` puts before those of the call."""
    held = await asker.value(replace(site, expression=call.func))
    if held is None or held.type != "functools.partial":
        return 0
    given = ast.Attribute(call.func, "args", ast.Load())
    counted = ast.Call(ast.Name("len", ast.Load()), [given], [])
    told = await asker.looked_up(site.moment, counted, site.entered)
    return int(told.value) if told is not None and told.value is not None else 0


async def _bound_before(
    asker: Asker, site: Spot, call: ast.Call, name: str | None
) -> ast.expr | None:
    """The keyword that a ``functools.partial`` brings along."""
    if name is None:
        return None
    keywords = ast.Attribute(call.func, "keywords", ast.Load())
    word = item(keywords, name)
    found = await asker.looked_up(site.moment, word, site.entered)
    return word if found is not None else None


async def _owner(asker: Asker, spot: Spot, site: Spot) -> Hop:
    """The object that a method was called on: where it was built, else where it was named."""
    call = site.expression
    assert isinstance(call, ast.Call)
    own = await asker.looked_up(spot.moment, ast.Name(_self(spot), ast.Load()), entered=True)
    if own is not None and own.builders:
        built = await asker.caller(own.builders[0])
        if built is not None:
            return Hop((built,))
    return Hop((replace(site, expression=_called_on(call)),))


def _self(spot: Spot) -> str:
    function = spot.scope.node
    assert isinstance(function, Function | ast.Lambda)
    return positions(function)[0]


def _called_on(call: ast.Call) -> ast.expr:
    method = isinstance(call.func, ast.Attribute)
    return call.func.value if isinstance(call.func, ast.Attribute) and method else call.func


async def _bound(asker: Asker, spot: Spot, site: Spot) -> bool:
    """Whether the call at ``site`` does not name the object that the method is called on."""
    call, function = site.expression, spot.scope.node
    assert isinstance(call, ast.Call)
    first = positions(function)[:1] if isinstance(function, Function | ast.Lambda) else []
    own = ast.Name(first[0], ast.Load()) if first else None
    held = await asker.looked_up(spot.moment, own, entered=True) if own is not None else None
    if call.args and held is not None and held.token is not None:
        given = await asker.value(replace(site, expression=call.args[0]))
        if given is not None and given.token == held.token:
            return False  # `original(self, *args)`
    if not is_method(spot.scope.name):
        return held is not None and await _made_method(asker, held, site)
    decorators = getattr(spot.scope.node, "decorator_list", [])
    if any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators):
        return False
    if _all_given(spot, call):
        return False  # the object among them: `original(self, x)`
    called = call.func
    if isinstance(called, ast.Attribute) and called.attr == _CONSTRUCTOR and call.args:
        given_first = call.args[0]
        if isinstance(given_first, ast.Name) and not isinstance(called.value, ast.Call):
            return given_first.id != _self(spot)
    return True


async def _made_method(asker: Asker, own: Described, site: Spot) -> bool:
    """Whether a function that is written in another one was put into a class, as what a decorator
    makes of a method: it then was entered with its ``own`` object, that it is called on."""
    assert isinstance(site.expression, ast.Call)
    # In a loop it may have been another one of its class.
    called_on = await asker.value(replace(site, expression=_called_on(site.expression)))
    return own.token is not None and called_on is not None and called_on.type == own.type


def _all_given(spot: Spot, call: ast.Call) -> bool:
    """Whether the call gives as many arguments by position as the spot's function has."""
    function = spot.scope.node
    if not isinstance(function, Function | ast.Lambda) or parameters(function)[1] is not None:
        return False
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    return not starred and len(call.args) >= len(positions(function))
