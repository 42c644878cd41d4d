"""Which assignments of a function reach which of its statements, as far as its text tells.

Names have versions: every assignment makes a new one. Where branches meet, the versions of either
stay live.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .statements import LEAVES, SCOPES, blocks, names_written

Lines = frozenset[int]
Live = dict[str, Lines]
"""The lines that may have given each name its value."""
PARAMETER = 0
"""The line of a name that the function was entered with."""


class Versions:
    """The versions of names in one function."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._before: dict[ast.stmt, Live] = {}
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        live = {each.arg: frozenset((PARAMETER,)) for each in every}
        self._end = self._walk(function.body, live)

    def of(self, name: str, statement: ast.stmt | None) -> Lines:
        """The lines that may have given ``name`` what ``statement`` reads, or its last value where
        that is None; empty where the function never gives it one."""
        live = self._before.get(statement, self._end) if statement is not None else self._end
        return live.get(name, frozenset())

    def _walk(self, body: Sequence[ast.stmt], live: Live) -> Live:
        """Follow ``body`` from ``live``; returns what is in force at its end."""
        for statement in body:
            self._before[statement] = live
            if isinstance(statement, SCOPES):
                continue
            if isinstance(statement, ast.If):
                live = self._branch(statement, live)
            else:
                live = self._enter(statement, _after(statement, live))
        return live

    def _branch(self, statement: ast.If, live: Live) -> Live:
        ends = []
        for block in (statement.body, statement.orelse):
            after = self._walk(block, live)
            if not (block and isinstance(block[-1], LEAVES)):
                ends.append(after)
        return _joined(ends)

    def _enter(self, statement: ast.stmt, live: Live) -> Live:
        """Follow the blocks of a loop, ``with``, ``try`` or ``match``; all but those of ``with``
        may be left out."""
        certain = isinstance(statement, ast.With | ast.AsyncWith)
        for block in blocks(statement):
            after = self._walk(block, live)
            live = after if certain else _joined((live, after))
        return live


def _after(statement: ast.stmt, live: Live) -> Live:
    after = dict(live)
    for name, whole in names_written(statement):
        kept: Lines = frozenset() if whole else live.get(name, frozenset())
        after[name] = kept | {statement.lineno}
    return after


def _joined(branches: Iterable[Live]) -> Live:
    """What may be in force where ``branches`` meet."""
    found: Live = {}
    for branch in branches:
        for name, lines in branch.items():
            found[name] = found.get(name, frozenset()) | lines
    return found
