"""What the user's own files set from outside: attributes of objects, environment variables."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from magneton_agent.schema.messages import Described, Inspect

from ...source.definitions import name_values
from ...source.program import Scope, is_lookup
from .asking import Asker
from .hops import Hop, Spot, item

_DEFAULTS = "setdefault"
_REGISTERING = ("register_buffer", "register_parameter", "register_module", "add_module")
_LATEST_KEYED = 40  # of one that fills a registry
_LATEST = 8  # calls of one function that are looked at


async def attribute_stores(asker: Asker, token: int, name: str) -> Hop | None:
    """Every ``object.name = …`` of the user's that ran on the object, other than on ``self``, that
    written last first: one may restore what another set for a while."""
    return await _set(asker, token, name, nodes(asker))


async def library_stores(asker: Asker, token: int, name: str) -> Hop | None:
    """Every ``setattr(object, "name", …)`` of a library's that ran on the object."""
    told = await asker.ask(Inspect("setting", 0, name))
    scopes = [scope for place in told.places if (scope := asker.text.scope(place)) is not None]
    inside = ((scope, node) for scope in scopes for node in ast.walk(scope.node))
    return await _set(asker, token, name, inside)


async def _set(
    asker: Asker, token: int, name: str, inside: Iterable[tuple[Scope, ast.AST]]
) -> Hop | None:
    found: list[Spot] = []
    for scope, statement, owner, value in _attribute_statements(asker, name, inside):
        for moment in await moments_of(asker, scope):
            held = await asker.looked_up(moment, owner)
            spot = Spot(moment, scope, value, statement)
            same = held is not None and held.token == token
            if not same and not await _set_in_turn(asker, token, name, owner, spot):
                continue
            if not await _is_there(asker, spot):
                continue
            found.insert(0, spot)
            break
    if not found or found[0].at is None:
        return None
    return Hop(tuple(found), name, found[0].scope.frame(found[0].at), stored=True)


async def _set_in_turn(asker: Asker, token: int, name: str, owner: ast.expr, spot: Spot) -> bool:
    """Whether a statement in a loop may have set the attribute in one of its turns, the last of
    which alone is known: to what it is now."""
    around = asker.text.around(spot.scope.path, spot.at) if spot.at is not None else ()
    targets = [each.target for each in around if isinstance(each, ast.For)]
    if not any(ast.dump(node) == _stored(owner) for each in targets for node in ast.walk(each)):
        return False
    now = (await asker.ask(Inspect("within", token, f"_.{name}"))).value
    told = await asker.value(spot)
    return now is not None and told is not None and told.type == now.type and _alike(told, now)


def _stored(owner: ast.expr) -> str:
    return ast.dump(ast.Name(owner.id, ast.Store())) if isinstance(owner, ast.Name) else ""


def _alike(told: Described, now: Described) -> bool:
    return told.value == now.value if told.value is not None else told.token == now.token


async def variable_stores(asker: Asker, name: str) -> Hop | None:
    """The last statement of the user's that sets environment variable ``name``."""
    found = None
    for scope, statement, key, value in _variable_statements(asker):
        for moment in await moments_of(asker, scope):
            held = await asker.looked_up(moment, key)
            if held is not None and held.value == repr(name):
                spot = Spot(moment, scope, value, statement)
                place = scope.frame(_line_of(value, statement))
                found = Hop((spot,), name, place, "setting", stored=True)
                break
    return found


def _line_of(value: ast.expr, statement: ast.stmt) -> ast.AST:
    """What is marked of a statement: of a call over several lines the value."""
    line = getattr(value, "lineno", statement.lineno)
    is_call = isinstance(statement, ast.Expr)
    return value if is_call and line != statement.lineno else statement


async def called_stores(asker: Asker, token: int, method: str) -> Hop | None:
    """The last ``object.method(value)`` of the user's that ran on the object."""
    found = None
    for scope, call in _calls(asker, method):
        assert isinstance(call.func, ast.Attribute)
        for moment in await moments_of(asker, scope):
            held = await asker.looked_up(moment, call.func.value)
            if held is not None and held.token == token:
                at = asker.text.statement(scope.path, call)
                name = ast.unparse(call.func.value)
                found = Hop((Spot(moment, scope, call.args[0], at),), name, scope.frame(call))
                break
    return found


async def item_stores(asker: Asker, token: int, key: object, around: Spot) -> Hop | None:
    """Every ``object[key] = value``, ``object.update(…)`` and ``object.setdefault(key, …)`` of the
    user's, or of the function that ``around`` is in, that ran on it, the last first."""
    found: list[Spot] = []
    without: list[Spot] = []
    for scope, statement, owner, value, name in _item_statements(asker, key, around.scope):
        latest = await moments_of(asker, scope, _LATEST if name is None else _LATEST_KEYED)
        own = (around.moment,) if scope.node is around.scope.node else ()
        for moment in dict.fromkeys((*latest, *own)):
            held = await asker.looked_up(moment, owner)
            if held is None or held.token != token:
                continue
            if name is not None and not await _is(asker, moment, name, key):
                continue
            spot = Spot(moment, scope, value, statement)
            if _is_setdefault(statement):
                if not await _took(asker, token, key, spot):
                    continue
                without.append(Spot(moment, scope, owner, statement, entered=True))
            if await _is_there(asker, spot):
                found.insert(0, spot)
                break
    if not found or found[0].at is None:
        return None
    place = found[0].scope.frame(_line_of(found[0].expression, found[0].at))
    left_out = tuple(without) if len(found) == 1 else ()
    return Hop(tuple(found), str(key), place, left_out=left_out, key=str(key), stored=True)


async def appended(asker: Asker, token: int, number: int) -> Hop | None:
    """The ``list.append(value)`` of the user's that gave the list its item ``number``: that whose
    value it is, else the only one that ran on it."""
    told = (await asker.ask(Inspect("within", token, f"_[{number}]"))).value
    found: list[Spot] = []
    for scope, call in _calls(asker, "append"):
        assert isinstance(call.func, ast.Attribute)
        for moment in await moments_of(asker, scope):
            held = await asker.looked_up(moment, call.func.value)
            if held is not None and held.token == token:
                at = asker.text.statement(scope.path, call)
                found.append(Spot(moment, scope, call.args[0], at))
                break
    same = [each for each in found if told is not None and await asker.value(each) == told]
    chosen = same[-1:] or (found if len(found) == 1 else [])
    if not chosen or chosen[0].at is None:
        return None
    return Hop(tuple(chosen), None, chosen[0].scope.frame(chosen[0].at), stored=True)


async def _is(asker: Asker, moment: int, name: ast.expr, key: object) -> bool:
    told = await asker.looked_up(moment, name)
    return told is not None and told.value == repr(key)


def _is_setdefault(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    function = call.func if isinstance(call, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr == _DEFAULTS


async def _took(asker: Asker, token: int, key: object, default: Spot) -> bool:
    """Whether the object holds for ``key`` what the ``default`` is, as far as that is known."""
    now = (await asker.ask(Inspect("within", token, f"_[{key!r}]"))).value
    told = await asker.value(default)
    if now is None or told is None:
        return now is not None
    return (now.value, now.token) == (told.value, told.token)


async def name_stores(asker: Asker, path: str, name: str) -> Hop | None:
    """The last assignment to a module's ``name`` by a function that ran and calls it global."""
    found = None
    for scope, node in asker.text.scoped(path):
        if not isinstance(node, ast.Global) or name not in node.names:
            continue
        for statement, value in name_values(scope, name):
            for moment in (await moments_of(asker, scope))[-1:]:
                spot = Spot(moment, scope, value, statement)
                found = Hop((spot,), name, scope.frame(statement), stored=True)
    return found


async def _is_there(asker: Asker, spot: Spot) -> bool:
    """Whether the spot's value is there, where it is an item that may have been merged."""
    if not isinstance(spot.expression, ast.Subscript):
        return True
    return await asker.value(spot) is not None


async def moments_of(asker: Asker, scope: Scope, most: int = _LATEST) -> tuple[int, ...]:
    """The last calls of a function, or the end of a module's body."""
    if isinstance(scope.node, ast.Module):
        module = await asker.module(scope.path)
        return (module.moment,) if module is not None else ()
    place = scope.frame(scope.node)
    return (await asker.ask(Inspect("running", 0, place=place))).moments[-most:]


def _attribute_statements(
    asker: Asker, name: str, inside: Iterable[tuple[Scope, ast.AST]]
) -> Iterator[tuple[Scope, ast.stmt, ast.expr, ast.expr]]:
    for scope, node in inside:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    own = isinstance(target.value, ast.Name) and target.value.id == "self"
                    if not own and is_lookup(target.value):
                        yield scope, node, target.value, node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            given = _set_by_name(call, name) or _registered(call, name)
            given = given or _set_by_items(asker, scope, call, name)
            if given is not None:
                yield scope, node, *given


def _set_by_name(call: ast.Call, name: str) -> tuple[ast.expr, ast.expr] | None:
    """``setattr(object, "name", value)``."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) == 3):
        return None
    owner, key, value = call.args
    same = isinstance(key, ast.Constant) and key.value == name
    return (owner, value) if same and is_lookup(owner) else None


def _registered(call: ast.Call, name: str) -> tuple[ast.expr, ast.expr] | None:
    """``object.register_buffer("name", value)``, and as parameters and modules are."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in _REGISTERING):
        return None
    if len(call.args) < 2 or not is_lookup(function.value):
        return None
    key, value = call.args[:2]
    same = isinstance(key, ast.Constant) and key.value == name
    return (function.value, value) if same else None


def _set_by_items(
    asker: Asker, scope: Scope, call: ast.Call, name: str
) -> tuple[ast.expr, ast.expr] | None:
    """``for key, value in items.items(): setattr(object, key, value)``: that of ``items[name]``."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) == 3):
        return None
    owner, key, _ = call.args
    looped = _looped_over(asker, scope, call, key) if is_lookup(owner) else None
    return (owner, item(looped, name)) if looped is not None else None


def _looped_over(asker: Asker, scope: Scope, node: ast.AST, key: ast.expr) -> ast.expr | None:
    """The mapping of the ``for key, value in mapping.items()`` around ``node``."""
    for outer in asker.text.around(scope.path, node):
        if not (isinstance(outer, ast.For) and isinstance(outer.target, ast.Tuple)):
            continue
        names = [each.id for each in outer.target.elts if isinstance(each, ast.Name)]
        listed = outer.iter.func if isinstance(outer.iter, ast.Call) else None
        keyed = isinstance(key, ast.Name) and key.id in names
        if keyed and isinstance(listed, ast.Attribute) and listed.attr == "items":
            return listed.value
    return None


async def set_in_loop(asker: Asker, moment: int, scope: Scope, own: str, name: str) -> Hop | None:
    """What a method that calls its object ``own`` gave it as ``name`` in a loop over a mapping."""
    for node in ast.walk(scope.node):
        given = _set_by_items(asker, scope, node, name) if isinstance(node, ast.Call) else None
        if given is None or not (isinstance(given[0], ast.Name) and given[0].id == own):
            continue
        at = asker.text.statement(scope.path, node)
        spot = Spot(moment, scope, given[1], at)
        if at is not None and await _is_there(asker, spot):
            return Hop((spot,), name, scope.frame(at))
    return None


def _item_statements(
    asker: Asker, key: object, around: Scope
) -> Iterator[tuple[Scope, ast.stmt, ast.expr, ast.expr, ast.expr | None]]:
    """Statements, the object, the value, and what must be ``key`` where the text does not tell."""
    own = [] if around.path in asker.files else ast.walk(around.node)
    for scope, node in (*nodes(asker), *((around, each) for each in own)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            same = isinstance(target.slice, ast.Constant) and target.slice.value == key
            if same and is_lookup(target.value):
                yield scope, node, target.value, node.value, None
            elif is_lookup(target.slice) and is_lookup(target.value):
                looped = _looped_over(asker, scope, node, target.slice)
                if looped is not None:
                    yield scope, node, target.value, item(looped, key), None
                else:
                    yield scope, node, target.value, node.value, target.slice
        elif isinstance(node, ast.Expr | ast.AugAssign):
            for owner, value in _merged_into(node, key):
                yield scope, node, owner, value, None
        if isinstance(node, ast.Expr | ast.Assign) and (given := _setdefault(node.value, key)):
            yield scope, node, *given, None


def _merged_into(
    node: ast.Expr | ast.AugAssign, key: object
) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The object, and what ``object |= …`` or ``object.update(…)`` may give it for ``key``."""
    if isinstance(node, ast.AugAssign):
        if isinstance(node.op, ast.BitOr) and is_lookup(node.target):
            yield node.target, item(node.value, key)
        return
    call = node.value if isinstance(node.value, ast.Call) else None
    function = call.func if call is not None else None
    if call is None or not isinstance(function, ast.Attribute) or function.attr != "update":
        return
    if is_lookup(function.value):
        yield from ((function.value, each) for each in _updated(call, key))


def _setdefault(call: ast.expr, key: object) -> tuple[ast.expr, ast.expr] | None:
    """The object and the value of ``object.setdefault(key, value)``."""
    if not (isinstance(call, ast.Call) and len(call.args) == 2):
        return None
    function, (name, value) = call.func, call.args
    if not (isinstance(function, ast.Attribute) and function.attr == _DEFAULTS):
        return None
    same = isinstance(name, ast.Constant) and name.value == key
    return (function.value, value) if same and is_lookup(function.value) else None


def _updated(call: ast.Call, key: object) -> Iterator[ast.expr]:
    """What ``object.update(…)`` may give for ``key``."""
    for word in call.keywords:
        if word.arg == key:
            yield word.value
        elif word.arg is None:
            yield item(word.value, key)
    for each in call.args[:1]:
        yield item(each, key)


def _variable_statements(
    asker: Asker,
) -> Iterator[tuple[Scope, ast.stmt, ast.expr, ast.expr]]:
    for scope, node in nodes(asker):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            if ast.unparse(target.value).endswith("environ"):
                yield scope, node, target.slice, node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            function = ast.unparse(call.func)
            if function.endswith(("environ.setdefault", "putenv")) and len(call.args) == 2:
                yield scope, node, call.args[0], call.args[1]
            elif function.endswith("environ.update"):
                for key, value in _pairs(call):
                    yield scope, node, key, value


def _pairs(call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The keys and values that are written in a call of ``update``."""
    for each in call.args[:1]:
        if isinstance(each, ast.Dict):
            written = zip(each.keys, each.values, strict=True)
            yield from ((key, value) for key, value in written if key is not None)
    for word in call.keywords:
        if word.arg is not None:
            yield ast.Constant(word.arg), word.value


def _calls(asker: Asker, method: str) -> Iterator[tuple[Scope, ast.Call]]:
    for scope, node in nodes(asker):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == method and node.args and is_lookup(node.func.value):
            yield scope, node


def nodes(asker: Asker) -> Iterator[tuple[Scope, ast.AST]]:
    """What the user's files hold, each with the function that it runs in."""
    for path in asker.files:
        yield from asker.text.scoped(path)
