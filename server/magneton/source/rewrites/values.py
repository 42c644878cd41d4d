"""Values as a source file writes them."""

from __future__ import annotations

import ast
import re

import libcst as cst

from .module import SourceModule
from .names import is_visible, spelled

_DTYPE = re.compile(r"torch\.\w+")
_MEMBER = re.compile(r"<(\w+)\.(\w+): .*>", re.DOTALL)  # of an enumeration


def written(value: str, module: SourceModule, place: cst.CSTNode) -> str | None:
    """``value``, a ``repr``, as an expression that can stand at ``place``; None where it is none of
    a literal, a dtype of a torch that the file imports, and a member of an enumeration whose name
    is known there, or where no quote is free around it."""
    if _DTYPE.fullmatch(value):
        return spelled(value, module, place)
    if (member := _MEMBER.fullmatch(value)) is not None:
        return f"{member[1]}.{member[2]}" if is_visible(member[1], module, place) else None
    if literal(value) is _NONE:
        return None
    around = [each.end for each in module.around(place) if isinstance(each, cst.FormattedString)]
    taken = {mark[:1] for mark in around}
    for quote in _preferred(module):
        found = _quoted(value, quote)
        if not taken & set(found):
            return found
    return None


def _preferred(module: SourceModule) -> str:
    """Both quotes, the one that the file begins more of its strings with first."""
    marks = [each.quote[-1:] for each in module.all(cst.SimpleString)]
    return "\"'" if marks.count('"') > marks.count("'") else "'\""


def _quoted(value: str, quote: str) -> str:
    """``value`` within ``quote``, where it is a string that may be."""
    plain = value[:1] == "'" and not set("'\"\\") & set(value[1:-1])
    return f"{quote}{value[1:-1]}{quote}" if plain else value


def is_literal(node: cst.BaseExpression, value: str, module: SourceModule) -> bool:
    """Whether ``node`` is a literal of the same type and value as the ``repr`` ``value``, or names
    the member of an enumeration that this is."""
    if (member := _MEMBER.fullmatch(value)) is not None:
        return module.code(node).strip("()") == f"{member[1]}.{member[2]}"
    found, wanted = literal(module.code(node)), literal(value)
    return found is not _NONE and type(found) is type(wanted) and found == wanted


class _NoLiteral:
    """What no literal is."""


_NONE = _NoLiteral()


def literal(text: str) -> object:
    """The value of a literal."""
    try:
        value: object = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _NONE
    return value
