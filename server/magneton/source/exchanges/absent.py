"""What something is that a program does not give: the default by its name in files of both."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .callees import last_name
from .surfaces import attributes
from .texts import Texts
from .words import NOT_GIVEN

_READS = ("get", "getenv", "pop", "setdefault")


def told_absent(texts: Texts, name: str) -> str:
    """The only constant that attributes of classes, constructors and reads with a default have for
    ``name``; that it is not given where there are none, or several."""
    found = {
        ast.unparse(value)
        for module in texts.own
        if module.part is None
        for node in ast.walk(module.tree)
        for value in _defaults(node, name)
        if isinstance(value, ast.Constant)
    }
    return found.pop() if len(found) == 1 else NOT_GIVEN


def _defaults(node: ast.AST, name: str) -> Iterator[ast.expr]:
    if isinstance(node, ast.ClassDef):
        known = attributes(node).get(name)
        if known is not None and known.value is not None:
            yield known.value
    elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
        yield from _set_in(node, name)
    elif isinstance(node, ast.Call) and last_name(node.func) in _READS and len(node.args) == 2:
        key, default = node.args
        if isinstance(key, ast.Constant) and key.value == name:
            yield default


def _set_in(constructor: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    for each in constructor.body:
        target = each.targets[0] if isinstance(each, ast.Assign) else None
        if isinstance(each, ast.Assign) and getattr(target, "attr", None) == name:
            yield each.value
