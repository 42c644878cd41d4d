"""Where a value comes from, as far as the text of one function or class tells.

Names are versions: every assignment makes a new node of a value-flow graph (networkx), with an
edge from each version that it reads. Columns are UTF-8 bytes, as ``ast`` and ``co_positions``
both count them.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import networkx as nx

from magneton_agent.schema.location import Frame

Version = tuple[str, int]
"""A name and the line that gave it this value; a parameter's line is the function's."""


@dataclass(frozen=True)
class Assignment:
    """``self.attribute = value`` in ``function`` (qualified name); ``lookups`` are the names and
    attribute chains that ``value`` is made of."""

    function: str
    value: str
    lookups: tuple[str, ...]
    frame: Frame


@dataclass(frozen=True)
class CallText:
    """A call as it is written: the callee's text, and the names of its keywords."""

    callee: str
    keywords: tuple[str, ...]
    positional: int


class SourceReader:
    """Parses files once. A file that cannot be read or parsed has nothing to tell."""

    def __init__(self) -> None:
        self._tree = functools.cache(_parse)

    def call_at(self, frame: Frame) -> CallText | None:
        """The call whose range is that of ``frame``."""
        for node in self._nodes(frame.path, ast.Call):
            if isinstance(node, ast.Call) and _range(node) == _frame_range(frame):
                keywords = tuple(word.arg for word in node.keywords if word.arg is not None)
                return CallText(ast.unparse(node.func), keywords, len(node.args))
        return None

    def parameter_distances(self, frame: Frame) -> dict[str, int]:
        """Parameters that reach the expression of ``frame`` within its function: name to number
        of assignments in between."""
        function = self._function(frame)
        if function is None:
            return {}
        flow = _Flow(function)
        sink = _sink(function, frame)
        if sink is None:
            return {}
        return flow.distances(sink)

    def attribute_assignment(self, definition: Frame, attribute: str) -> Assignment | None:
        """The last ``self.attribute = ...`` in the class at ``definition``, its constructor's
        first."""
        tree = self._tree(definition.path)
        found = [
            assignment
            for node in (ast.walk(tree) if tree is not None else ())
            if isinstance(node, ast.ClassDef) and _starts(node) == definition.first_line
            for assignment in _attribute_assignments(node, definition, attribute)
        ]
        found.sort(key=lambda each: each.function.endswith("__init__"))
        return found[-1] if found else None

    def _function(self, frame: Frame) -> ast.FunctionDef | None:
        for node in self._nodes(frame.path, ast.FunctionDef):
            if isinstance(node, ast.FunctionDef) and _starts(node) == frame.first_line:
                return node
        return None

    def _nodes(self, path: str, kind: type[ast.AST]) -> list[ast.AST]:
        tree = self._tree(path)
        return [node for node in ast.walk(tree) if isinstance(node, kind)] if tree else []


class _Flow:
    """The value-flow graph of one function, flow-sensitive along its text."""

    def __init__(self, function: ast.FunctionDef) -> None:
        self._graph: nx.DiGraph[Version] = nx.DiGraph()
        self._now: dict[str, Version] = {}
        self._at: dict[int, dict[str, Version]] = {}
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        self.parameters = [each.arg for each in every]
        for name in self.parameters:
            self._define(name, function.lineno, ())
        self._walk(function.body)

    def distances(self, sink: ast.stmt) -> dict[str, int]:
        now = self._at.get(sink.lineno, {})
        read = [now[name] for name in _names(sink) if name in now]
        found: dict[str, int] = {}
        for version in read:
            reach = nx.single_source_shortest_path_length(self._graph.reverse(copy=False), version)
            for (name, line), hops in reach.items():
                if name in self.parameters and not self._graph.in_degree((name, line)):
                    found[name] = min(hops, found.get(name, hops))
        return found

    def _walk(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._at[statement.lineno] = dict(self._now)
            for target, value in _assigned(statement):
                self._define(target, statement.lineno, _names(value))
            for inner in ("body", "orelse", "finalbody"):
                self._walk(getattr(statement, inner, []))

    def _define(self, name: str, line: int, read: tuple[str, ...]) -> None:
        version = (name, line)
        sources = [self._now[each] for each in read if each in self._now]
        self._graph.add_node(version)
        self._graph.add_edges_from((source, version) for source in sources if source != version)
        self._now[name] = version


def lookups(expression: ast.expr) -> tuple[str, ...]:
    """The maximal names and attribute chains in ``expression``, in order."""
    if isinstance(expression, ast.Name | ast.Attribute) and _is_chain(expression):
        return (ast.unparse(expression),)
    return tuple(
        text
        for child in ast.iter_child_nodes(expression)
        if isinstance(child, ast.expr)
        for text in lookups(child)
    )


def _is_chain(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _parse(path: str) -> ast.Module | None:
    try:
        return ast.parse(Path(path).read_bytes(), path)
    except (OSError, SyntaxError, ValueError):
        return None


def _starts(node: ast.ClassDef | ast.FunctionDef) -> int:
    """The first line as code objects count it: that of the first decorator."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _range(node: ast.expr) -> tuple[int, int, int | None, int | None]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _frame_range(frame: Frame) -> tuple[int, int, int, int]:
    return frame.line, frame.column, frame.end_line, frame.end_column


def _sink(function: ast.FunctionDef, frame: Frame) -> ast.stmt | None:
    """The innermost simple statement that holds the frame's range."""
    found = None
    for node in ast.walk(function):
        if (
            isinstance(node, ast.stmt)
            and node is not function
            and node.lineno <= frame.line
            and frame.end_line <= (node.end_lineno or node.lineno)
        ):
            found = node
    return found


def _assigned(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        return [
            (name, statement.value) for target in statement.targets for name in _targets(target)
        ]
    if isinstance(statement, ast.AnnAssign | ast.AugAssign) and statement.value is not None:
        return [(name, statement.value) for name in _targets(statement.target)]
    if isinstance(statement, ast.For):
        return [(name, statement.iter) for name in _targets(statement.target)]
    return []


def _targets(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _names(node: ast.AST) -> tuple[str, ...]:
    return tuple(
        child.id
        for child in ast.walk(node)
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load)
    )


def _attribute_assignments(
    node: ast.ClassDef, definition: Frame, attribute: str
) -> list[Assignment]:
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.args.args]
    return [
        _assignment(statement, method, definition)
        for method in methods
        for statement in ast.walk(method)
        if isinstance(statement, ast.Assign)
        and f"{method.args.args[0].arg}.{attribute}" in map(ast.unparse, statement.targets)
    ]


def _assignment(statement: ast.Assign, method: ast.FunctionDef, definition: Frame) -> Assignment:
    line, column, end_line, end_column = _range(statement.value)
    qualified = f"{definition.function}.{method.name}"
    return Assignment(
        function=qualified,
        value=ast.unparse(statement.value),
        lookups=lookups(statement.value),
        frame=Frame(
            definition.path,
            qualified,
            _starts(method),
            line,
            column,
            end_line or line,
            end_column or column,
        ),
    )
