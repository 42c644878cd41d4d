"""What an argument is that a call leaves out: a default, be it of a function that is passed what is
not named, or of what a dataclass is a copy of."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .callees import Callees, last_name
from .own import Module

_FURTHEST = 6  # functions behind functions
_COPIES = "replace"


class Defaults:
    """Of the files of both programs, told by names alone."""

    def __init__(self, modules: Sequence[Module], callees: Callees) -> None:
        self._callees = callees
        self._passes: dict[str, list[str]] = {}
        self._made: dict[str, ast.Call] = {}
        for module in modules:
            for name, to in _passing(module.tree):
                self._passes.setdefault(name, []).append(to)
            self._made |= dict(_made(module.tree))

    def left(self, call: ast.Call, root: str, name: str) -> ast.expr | None:
        """What ``name`` is where ``call``, of ``root``, leaves it; None where that is not known."""
        copied = call.args[0] if root == _COPIES and call.args else None
        made = self._made.get(copied.id) if isinstance(copied, ast.Name) else None
        if made is None:
            return self._default(root, name, 0)
        given = next((each.value for each in made.keywords if each.arg == name), None)
        return given or self._default(last_name(made.func), name, 0)

    def _default(self, root: str, name: str, depth: int) -> ast.expr | None:
        found = self._callees.default(root, name)
        if found is not None or depth >= _FURTHEST or name in self._callees.names(root):
            return found
        behind = (self._default(to, name, depth + 1) for to in self._passes.get(root, ()))
        return next((each for each in behind if each is not None), None)


def _passing(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions that take what is not named, and those that they give it to."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.args.kwarg is None:
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and any(
                each.arg is None and getattr(each.value, "id", "") == node.args.kwarg.arg
                for each in inner.keywords
            ):
                yield node.name, last_name(inner.func)


def _made(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """What is made once, at the top level, and has a name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            yield from (
                (each.id, node.value) for each in node.targets if isinstance(each, ast.Name)
            )
