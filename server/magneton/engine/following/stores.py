"""What the user's own files set from outside: attributes of objects, environment variables."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from magneton_agent.schema.messages import Inspect

from ...source.program import Function, Scope, is_lookup
from .asking import Asker
from .hops import Hop, Spot

_LATEST = 8  # calls of one function that are looked at


async def attribute_stores(asker: Asker, token: int, name: str) -> Hop | None:
    """The last ``object.name = …`` of the user's that ran on the object, other than on ``self``."""
    found = None
    for scope, statement, owner, value in _attribute_statements(asker, name):
        for moment in await _moments(asker, scope):
            held = await asker.looked_up(moment, owner)
            if held is not None and held.token == token:
                spot = Spot(moment, scope, value, statement)
                found = Hop((spot,), name, scope.frame(statement))
                break
    return found


async def variable_stores(asker: Asker, name: str) -> Hop | None:
    """The last statement of the user's that sets environment variable ``name``."""
    found = None
    for scope, statement, key, value in _item_statements(asker):
        for moment in await _moments(asker, scope):
            held = await asker.looked_up(moment, key)
            if held is not None and held.value == repr(name):
                spot = Spot(moment, scope, value, statement)
                found = Hop((spot,), name, scope.frame(statement), "setting")
                break
    return found


async def called_stores(asker: Asker, token: int, method: str) -> Hop | None:
    """The last ``object.method(value)`` of the user's that ran on the object."""
    found = None
    for scope, call in _calls(asker, method):
        assert isinstance(call.func, ast.Attribute)
        for moment in await _moments(asker, scope):
            held = await asker.looked_up(moment, call.func.value)
            if held is not None and held.token == token:
                at = asker.text.statement(scope.path, call)
                name = ast.unparse(call.func.value)
                found = Hop((Spot(moment, scope, call.args[0], at),), name, scope.frame(call))
                break
    return found


async def _moments(asker: Asker, scope: Scope) -> tuple[int, ...]:
    if isinstance(scope.node, ast.Module):
        module = await asker.module(scope.path)
        return (module.moment,) if module is not None else ()
    place = scope.frame(scope.node)
    return (await asker.ask(Inspect("running", 0, place=place))).moments[-_LATEST:]


def _attribute_statements(
    asker: Asker, name: str
) -> Iterator[tuple[Scope, ast.stmt, ast.expr, ast.expr]]:
    for scope, node in _nodes(asker):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    own = isinstance(target.value, ast.Name) and target.value.id == "self"
                    if not own and is_lookup(target.value):
                        yield scope, node, target.value, node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            given = _set_by_name(node.value, name)
            if given is not None:
                yield scope, node, *given


def _set_by_name(call: ast.Call, name: str) -> tuple[ast.expr, ast.expr] | None:
    """``setattr(object, "name", value)``."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) == 3):
        return None
    owner, key, value = call.args
    same = isinstance(key, ast.Constant) and key.value == name
    return (owner, value) if same and is_lookup(owner) else None


def _item_statements(asker: Asker) -> Iterator[tuple[Scope, ast.stmt, ast.expr, ast.expr]]:
    for scope, node in _nodes(asker):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            if ast.unparse(target.value).endswith("environ"):
                yield scope, node, target.slice, node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            function = ast.unparse(call.func)
            if function.endswith(("environ.setdefault", "putenv")) and len(call.args) == 2:
                yield scope, node, call.args[0], call.args[1]


def _calls(asker: Asker, method: str) -> Iterator[tuple[Scope, ast.Call]]:
    for scope, node in _nodes(asker):
        calls = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if calls and node.func.attr == method and node.args and is_lookup(node.func.value):  # type: ignore[attr-defined]
            yield scope, node  # type: ignore[misc]


def _nodes(asker: Asker) -> Iterator[tuple[Scope, ast.AST]]:
    """Every node of the user's files, with the function that it runs in."""
    for path in asker.files:
        module = asker.text.module(path)
        if module is not None:
            yield from _inside(module, "")


def _inside(scope: Scope, prefix: str) -> Iterator[tuple[Scope, ast.AST]]:
    pending = [(each, prefix) for each in ast.iter_child_nodes(scope.node)]
    while pending:
        node, inner = pending.pop(0)
        yield scope, node
        if isinstance(node, Function):
            name = f"{inner}{node.name}"
            yield from _inside(Scope(scope.path, name, node), f"{name}.<locals>.")
            continue
        if isinstance(node, ast.ClassDef):
            inner = f"{inner}{node.name}."
        pending += [(each, inner) for each in ast.iter_child_nodes(node)]
