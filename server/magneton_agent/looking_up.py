"""Looks up what an expression names, without running anything of the program but properties."""

from __future__ import annotations

import ast
import contextvars
import os
from typing import Any

_LOOKED_INTO = (dict, type(os.environ), contextvars.ContextVar)
_LOOKING = (getattr, isinstance, len, os.getenv, bool, int, float, str)
_TEXT_METHODS = frozenset(
    (
        *("strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title", "capitalize"),
        *("removeprefix", "removesuffix", "replace", "startswith", "endswith"),
        *("split", "rsplit", "partition", "rpartition", "isdigit"),
    )
)


class CannotLookUp(Exception):
    """An expression is not a mere look-up, or what it names is not there."""


def look_up(expression: str, names: dict[str, Any]) -> object:
    """What ``expression`` names.

    Raises:
        CannotLookUp: it calls or computes something, or a name is not there.
    """
    try:
        return _resolve(ast.parse(expression, mode="eval").body, names)
    except CannotLookUp:
        raise
    except Exception as error:  # a property of the program may raise anything
        raise CannotLookUp(f"{expression}: {type(error).__name__}: {error}") from error


def _resolve(node: ast.expr, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, names), node.attr)
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return _resolve(node.value, names)[_resolve(node.slice, names)]
    if isinstance(node, ast.List | ast.Tuple):
        found = [_resolve(each, names) for each in node.elts]
        return found if isinstance(node, ast.List) else tuple(found)
    if isinstance(node, ast.Call) and not node.keywords:
        return _looked_up_by(node, names)
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
    ):
        return _joined(node, names)
    raise CannotLookUp(f"{ast.unparse(node)} is more than a look-up")


def _looked_up_by(call: ast.Call, names: dict[str, Any]) -> Any:
    """What a call gives that does nothing but look something up."""
    function = _resolve(call.func, names)
    owner = getattr(function, "__self__", None)
    looks = isinstance(owner, _LOOKED_INTO) and function.__name__ == "get"
    looks = looks or (type(owner) is str and function.__name__ in _TEXT_METHODS)
    if not (looks or function in _LOOKING):
        raise CannotLookUp(f"{ast.unparse(call)} is more than a look-up")
    return function(*(_resolve(each, names) for each in call.args))


def _joined(node: ast.JoinedStr | ast.BinOp, names: dict[str, Any]) -> str:
    """A text that is put together of texts, as the names of variables are."""
    if isinstance(node, ast.BinOp):
        parts = [_resolve(each, names) for each in (node.left, node.right)]
    else:
        parts = [_resolve(each, names) for each in map(_plain, node.values)]
    if not all(type(each) is str for each in parts):
        raise CannotLookUp(f"{ast.unparse(node)} is more than a text")
    return "".join(parts)


def _plain(part: ast.expr) -> ast.expr:
    if not isinstance(part, ast.FormattedValue):
        return part
    if part.conversion != -1 or part.format_spec is not None:
        raise CannotLookUp(f"{ast.unparse(part)} is more than a text")
    return part.value
