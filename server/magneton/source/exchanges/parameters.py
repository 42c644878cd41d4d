"""What the parameters of a file's functions are, where every call in that file gives the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .callees import last_name

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_CONSTRUCTOR = "__init__"


def given_everywhere(tree: ast.Module) -> dict[ast.arg, ast.expr]:
    """By parameter, the expression that all calls give it. Functions are told by their names alone:
    of two of one name nothing is known."""
    calls: dict[str, list[ast.Call]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := last_name(node.func)):
            calls.setdefault(name, []).append(node)
    defined: dict[str, list[tuple[_Function, bool]]] = {}
    for name, function, method in _functions(tree):
        defined.setdefault(name, []).append((function, method))
    found: dict[ast.arg, ast.expr] = {}
    for name, functions in defined.items():
        if len(functions) == 1 and name in calls:
            found |= dict(_agreed(*functions[0], calls[name]))
    return found


def _agreed(
    function: _Function, method: bool, calls: Sequence[ast.Call]
) -> Iterator[tuple[ast.arg, ast.expr]]:
    if any(_is_open(call) for call in calls):
        return
    named = [*function.args.posonlyargs, *function.args.args][1 if method else 0 :]
    for position, parameter in enumerate([*named, *function.args.kwonlyargs]):
        at = position if position < len(named) else None
        values = [_given(call, parameter.arg, at) for call in calls]
        first = values[0]
        if first is not None and all(
            each is not None and ast.dump(each) == ast.dump(first) for each in values
        ):
            yield parameter, first


def _given(call: ast.Call, name: str, position: int | None) -> ast.expr | None:
    if position is not None and position < len(call.args):
        return call.args[position]
    return next((each.value for each in call.keywords if each.arg == name), None)


def _is_open(call: ast.Call) -> bool:
    """Whether it may give more than is written."""
    starred = any(isinstance(each, ast.Starred) for each in call.args)
    return starred or any(each.arg is None for each in call.keywords)


def _functions(tree: ast.Module) -> Iterator[tuple[str, _Function, bool]]:
    """Functions by the names that they are called by, and whether they are called on something; a
    constructor by its class's."""
    owners = {
        each: node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for each in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, _Function):
            owner = owners.get(node)
            own = owner.name if owner is not None and node.name == _CONSTRUCTOR else node.name
            yield own, node, owner is not None
