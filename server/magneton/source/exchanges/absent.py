"""What something is that a program does not give: the default by its name in files of both."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from .callees import last_name
from .slots import Slot
from .surfaces import attributes
from .texts import Texts
from .words import NOT_GIVEN

_READS = ("get", "getenv", "pop", "setdefault")


class Absent:
    """Defaults in the files that both programs run, by name: ``read`` with a call, or ``held`` by
    objects, as an attribute of their class or set by a constructor, and by context variables."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._read = defaultdict[str, list[ast.expr]](list)
        self._held = defaultdict[str, list[ast.expr]](list)
        for module in texts.own:
            for node in ast.walk(module.tree) if module.part is None else ():
                for name, value in _reads(node):
                    self._read[name].append(value)
                for name, value in _holds(node):
                    self._held[name].append(value)

    def told(self, slot: Slot) -> str:
        """The default in the place of what ``slot`` gives; that it is not given where there is none
        that is surely meant: one constant, whatever else has that name."""
        if slot.kind == "value":
            known = self._held if not self._is_library(slot) else {}
        else:
            known = self._held if isinstance(slot.node, ast.List | ast.Tuple) else self._read
        values = known.get(slot.name, [])
        texts = {ast.unparse(each) for each in values}
        plain = all(isinstance(each, ast.Constant) for each in values)
        return texts.pop() if plain and len(texts) == 1 else NOT_GIVEN

    def _is_library(self, slot: Slot) -> bool:
        """Whether it is an attribute of a module."""
        node = slot.node.targets[0] if isinstance(slot.node, ast.Assign) else None
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self._texts.names(slot.module).is_import(node.id)


def _reads(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call) and last_name(node.func) in _READS and len(node.args) == 2:
        key, default = node.args
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, default


def _holds(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        yield from _variable(node, node.value)
    elif isinstance(node, ast.ClassDef):
        for name, statement in attributes(node).items():
            if statement.value is not None:
                yield name, statement.value
    elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
        for each in node.body:
            target = each.targets[0] if isinstance(each, ast.Assign) else None
            own = isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "self"
            if own and isinstance(each, ast.Assign) and isinstance(target, ast.Attribute):
                yield target.attr, each.value


def _variable(node: ast.Assign, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    name = getattr(node.targets[0], "id", "")
    for each in call.keywords if last_name(call.func) == "ContextVar" and name else ():
        if each.arg == "default":
            yield name, each.value
