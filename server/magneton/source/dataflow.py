"""Where a value comes from, as far as the text of one function or class tells.

Columns are UTF-8 bytes, as ``ast`` and ``co_positions`` both count them.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from magneton_agent.schema.location import Frame

from .statements import SCOPES, blocks
from .valueflow import ValueFlow


@dataclass(frozen=True)
class Assignment:
    """``self.attribute = value`` in ``function`` (qualified name).

    ``lookups`` are the names and attribute chains that ``value`` is made of, then those of the
    conditions under which it is assigned. Several assignments in one function are told as one,
    their values joined by "or", ``frame`` being the first's.
    """

    function: str
    value: str
    lookups: tuple[str, ...]
    frame: Frame


@dataclass(frozen=True)
class CallText:
    """A call as it is written: the callee's text, the names of its keywords, the number of its
    positional arguments, and whether ``*`` or ``**`` may give more."""

    callee: str
    keywords: tuple[str, ...]
    positional: int
    starred: bool


class SourceReader:
    """Parses files once. A file that cannot be read or parsed has nothing to tell."""

    def __init__(self) -> None:
        self._tree = functools.cache(_parse)

    def call_at(self, frame: Frame) -> CallText | None:
        """The call whose range is that of ``frame``."""
        for node in self._nodes(frame.path, ast.Call):
            if isinstance(node, ast.Call) and _frame_range(frame) in _call_ranges(node):
                keywords = tuple(word.arg for word in node.keywords if word.arg is not None)
                stars = any(isinstance(each, ast.Starred) for each in node.args)
                starred = stars or len(keywords) < len(node.keywords)
                return CallText(ast.unparse(node.func), keywords, len(node.args), starred)
        return None

    def reaching_parameters(self, frame: Frame) -> dict[str, int]:
        """Parameters whose values reach the expression of ``frame`` within its function: name to
        number of assignments in between."""
        function = self._function(frame)
        sink = _sink(function, frame) if function is not None else None
        return ValueFlow(function).reaching(sink) if function and sink else {}

    def deciding_parameters(self, frame: Frame) -> dict[str, int]:
        """As :meth:`reaching_parameters`, but of those that decide whether its function comes
        to ``frame`` at all."""
        function = self._function(frame)
        sink = _sink(function, frame) if function is not None else None
        return ValueFlow(function).deciding(sink) if function and sink else {}

    def attribute_assignment(self, definition: Frame, attribute: str) -> Assignment | None:
        """How the class at ``definition`` sets ``self.attribute``: in its constructor, else in
        the last of its methods that does."""
        tree = self._tree(definition.path)
        methods = [
            method
            for node in (ast.walk(tree) if tree is not None else ())
            if isinstance(node, ast.ClassDef) and _starts(node) == definition.first_line
            for method in node.body
            if isinstance(method, ast.FunctionDef) and method.args.args
        ]
        methods.sort(key=lambda method: method.name == "__init__")
        found = [
            assignment
            for method in methods
            if (assignment := _assignment_in(method, definition, attribute)) is not None
        ]
        return found[-1] if found else None

    def _function(self, frame: Frame) -> ast.FunctionDef | None:
        for node in self._nodes(frame.path, ast.FunctionDef):
            if isinstance(node, ast.FunctionDef) and _starts(node) == frame.first_line:
                return node
        return None

    def _nodes(self, path: str, kind: type[ast.AST]) -> list[ast.AST]:
        tree = self._tree(path)
        return [node for node in ast.walk(tree) if isinstance(node, kind)] if tree else []


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


def _call_ranges(node: ast.Call) -> Iterator[tuple[int, int, int | None, int | None]]:
    """The ranges that the interpreter may give for a call: its own, and from the method's name
    on where a chain runs over several lines."""
    yield node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
    function = node.func
    if isinstance(function, ast.Attribute):
        line, column = function.end_lineno or 0, function.end_col_offset or 0
        yield line, column - len(function.attr.encode()), node.end_lineno, node.end_col_offset


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


def _assignment_in(method: ast.FunctionDef, definition: Frame, attribute: str) -> Assignment | None:
    target = f"{method.args.args[0].arg}.{attribute}"
    found = list(_assignments(method.body, target, ()))
    if not found:
        return None
    first = found[0][0]
    reads = [lookups(value) for value, _ in found]
    reads += [lookups(test) for _, tests in found for test in tests]
    qualified = f"{definition.function}.{method.name}"
    return Assignment(
        function=qualified,
        value=" or ".join(dict.fromkeys(ast.unparse(value) for value, _ in found)),
        lookups=tuple(dict.fromkeys(lookup for each in reads for lookup in each)),
        frame=Frame(
            definition.path,
            qualified,
            _starts(method),
            first.lineno,
            first.col_offset,
            first.end_lineno or first.lineno,
            first.end_col_offset or first.col_offset,
        ),
    )


def _assignments(
    body: Sequence[ast.stmt], target: str, tests: tuple[ast.expr, ...]
) -> Iterator[tuple[ast.expr, tuple[ast.expr, ...]]]:
    """The values assigned to ``target``, each with the conditions around it."""
    for statement in body:
        if isinstance(statement, ast.Assign) and target in map(ast.unparse, statement.targets):
            yield statement.value, tests
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            if ast.unparse(statement.target) == target:
                yield statement.value, tests
        elif not isinstance(statement, SCOPES):
            inner = (*tests, statement.test) if isinstance(statement, ast.If) else tests
            for block in blocks(statement):
                yield from _assignments(block, target, inner)
