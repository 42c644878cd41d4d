"""Which parameters of a function reach which of its statements, as far as its text tells.

Names are versions: every assignment makes a new node of a value-flow graph (networkx), with an
edge from each version that it reads. Where branches meet, the versions of either stay live.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from .statements import LEAVES, SCOPES, blocks, may_leave, names_read, names_written

Version = tuple[str, int]
"""A name and the line that gave it this value; a parameter's line is 0."""
Versions = frozenset[Version]
Live = dict[str, Versions]
_PARAMETER = 0


@dataclass(frozen=True)
class _Point:
    """Where a statement starts: the versions in force, and those that decided that it runs."""

    live: Live
    guards: Versions


class ValueFlow:
    """The value-flow graph of one function."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self._graph: nx.DiGraph[Version] = nx.DiGraph()
        self._points: dict[ast.stmt, _Point] = {}
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        parameters = [(each.arg, _PARAMETER) for each in every]
        self._graph.add_nodes_from(parameters)
        live = {version[0]: frozenset((version,)) for version in parameters}
        self._walk(function.body, live, frozenset())

    def reaching(self, statement: ast.stmt) -> dict[str, int]:
        """Parameters whose values ``statement`` reads: name to number of assignments between."""
        point = self._points.get(statement)
        return self._distances(_versions(point.live, names_read(statement))) if point else {}

    def deciding(self, statement: ast.stmt) -> dict[str, int]:
        """Parameters that decide whether ``statement`` runs: name to number of assignments."""
        point = self._points.get(statement)
        return self._distances(point.guards) if point else {}

    def _distances(self, versions: Versions) -> dict[str, int]:
        found: dict[str, int] = {}
        backwards = self._graph.reverse(copy=False)
        for version in versions:
            reach = nx.single_source_shortest_path_length(backwards, version)
            for (name, line), hops in reach.items():
                if line == _PARAMETER:
                    found[name] = min(hops, found.get(name, hops))
        return found

    def _walk(self, body: Sequence[ast.stmt], live: Live, guards: Versions) -> Live:
        """Follow ``body`` from ``live``; returns what is in force at its end."""
        for statement in body:
            self._points[statement] = _Point(live, guards)
            if isinstance(statement, SCOPES):
                continue
            decided = guards | _versions(live, names_read(statement))
            if isinstance(statement, ast.If):
                live = self._branch(statement, live, decided)
            else:
                loop = isinstance(statement, ast.For | ast.AsyncFor | ast.While)
                live = self._assign(statement, live)
                live = self._enter(statement, live, decided if loop else guards)
            if isinstance(statement, ast.If | ast.While) and may_leave(statement):
                guards = decided
        return live

    def _branch(self, statement: ast.If, live: Live, guards: Versions) -> Live:
        ends = []
        for block in (statement.body, statement.orelse):
            after = self._walk(block, live, guards)
            if not (block and isinstance(block[-1], LEAVES)):
                ends.append(after)
        return _joined(ends)

    def _enter(self, statement: ast.stmt, live: Live, guards: Versions) -> Live:
        """Follow the blocks of a loop, ``with``, ``try`` or ``match``; all but those of ``with``
        may be left out."""
        certain = isinstance(statement, ast.With | ast.AsyncWith)
        for block in blocks(statement):
            after = self._walk(block, live, guards)
            live = after if certain else _joined((live, after))
        return live

    def _assign(self, statement: ast.stmt, live: Live) -> Live:
        read = _versions(live, names_read(statement))
        after = dict(live)
        for name, whole in names_written(statement):
            version = (name, statement.lineno)
            sources = read if whole else read | live.get(name, frozenset())
            self._graph.add_node(version)
            self._graph.add_edges_from((each, version) for each in sources if each != version)
            after[name] = frozenset((version,))
        return after


def _joined(branches: Iterable[Live]) -> Live:
    """What may be in force where ``branches`` meet."""
    found: Live = {}
    for branch in branches:
        for name, versions in branch.items():
            found[name] = found.get(name, frozenset()) | versions
    return found


def _versions(live: Live, names: Iterable[str]) -> Versions:
    return frozenset(version for name in names for version in live.get(name, ()))
