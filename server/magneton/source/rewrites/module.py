"""A parsed file, its nodes by their ranges, and its text with a node exchanged."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from magneton_agent.schema.location import Location

from ..scan import parse_module

N = TypeVar("N", bound=cst.CSTNode)
Span = tuple[tuple[int, int], tuple[int, int]]
"""Start and end, each a 1-based line and a 0-based column in code points."""


class SourceModule:
    """The file that results call ``path``, parsed from ``text``.

    Raises:
        UnreadableError: the text is not Python that libcst can parse.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        # Nodes keep their identity, by which they are found again to be replaced.
        self._wrapper = MetadataWrapper(parse_module(text), unsafe_skip_copy=True)

    @property
    def tree(self) -> cst.Module:
        return self._wrapper.module

    def code(self, node: cst.CSTNode) -> str:
        """The text of ``node`` alone."""
        return self.tree.code_for_node(node)

    def replaced(self, old: cst.CSTNode, new: cst.CSTNode) -> str:
        """The whole text with ``new`` in the place of ``old``."""
        return exchanged(self.tree, {old: new}).code

    def exchanged(
        self,
        changes: Mapping[cst.CSTNode, cst.CSTNode],
        before: tuple[cst.CSTNode, cst.SimpleStatementLine] | None = None,
    ) -> str:
        """The whole text with ``changes`` made; of ``before``, a line of a block and a new one, the
        new one stands before the other, below what is written above that."""
        if before is None:
            return exchanged(self.tree, changes).code
        line, new = before
        changed: Any = exchanged(line, changes)
        new = new.with_changes(leading_lines=changed.leading_lines)
        pair: Any = cst.FlattenSentinel([new, changed.with_changes(leading_lines=())])
        rest = {old: node for old, node in changes.items() if old not in self.inside(line)}
        return exchanged(self.tree, {**rest, line: pair}).code

    def expression(self, location: Location) -> cst.BaseExpression | None:
        """The outermost expression whose range is that of ``location``. A call over several lines
        may also begin at its method's name, as the interpreter has it."""
        wanted = span_of(location)
        found = (node for node in self._ranges if wanted in self._spans(node))
        return next((node for node in found if isinstance(node, cst.BaseExpression)), None)

    def within(self, location: Location) -> Iterator[cst.CSTNode]:
        """The nodes in the range of ``location``, in the order of the text, outer ones first."""
        return self._between(*span_of(location))

    def inside(self, outer: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """``outer`` and the nodes in it, in the order of the text, outer ones first."""
        return self._between(*self.span(outer))

    def all(self, kind: type[N]) -> Iterator[N]:
        """All nodes of ``kind``."""
        return (node for node in self._ranges if isinstance(node, kind))

    def mentions(self, name: str) -> int:
        """How often ``name`` stands in the file, as whatever."""
        return sum(node.value == name for node in self.all(cst.Name))

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes that hold ``node``, innermost first."""
        while (outer := self._parents.get(node)) is not None:
            yield outer
            node = outer

    def span(self, node: cst.CSTNode) -> Span:
        """The range of a node."""
        found = self._ranges[node]
        return (found.start.line, found.start.column), (found.end.line, found.end.column)

    def scope(self, node: cst.CSTNode) -> Scope | None:
        """The scope that the names of an expression are looked up in."""
        found: Scope | None = self._scopes.get(node)
        return found

    def _between(self, start: tuple[int, int], end: tuple[int, int]) -> Iterator[cst.CSTNode]:
        for node in self._ranges:
            first, last = self.span(node)
            if start <= first and last <= end:
                yield node

    def _spans(self, node: cst.CSTNode) -> Iterator[Span]:
        yield self.span(node)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            yield self.span(node.func.attr)[0], self.span(node)[1]

    @functools.cached_property
    def _ranges(self) -> Mapping[cst.CSTNode, CodeRange]:
        found = self._wrapper.resolve(PositionProvider)
        named = ((node, span) for node, span in found.items() if isinstance(span, CodeRange))
        # Outer nodes before inner ones that begin or end at the same place.
        return dict(sorted(named, key=lambda each: _outer_first(each[1])))

    @functools.cached_property
    def _parents(self) -> Mapping[cst.CSTNode, cst.CSTNode]:
        found: Mapping[cst.CSTNode, cst.CSTNode] = self._wrapper.resolve(ParentNodeProvider)
        return found

    @functools.cached_property
    def _scopes(self) -> Mapping[cst.CSTNode, Scope | None]:
        found: Mapping[cst.CSTNode, Scope | None] = self._wrapper.resolve(ScopeProvider)
        return found


class _Replacing(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, cst.CSTNode]) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        return self._changes.get(original_node, updated_node)


def span_of(location: Location) -> Span:
    start, end = location.start, location.end
    return (start.line, start.column), (end.line, end.column)


def _outer_first(span: CodeRange) -> tuple[int, int, int, int]:
    return span.start.line, span.start.column, -span.end.line, -span.end.column


def exchanged(node: N, changes: Mapping[cst.CSTNode, cst.CSTNode]) -> N:
    """``node`` with the values of ``changes`` in the place of its keys, told by identity."""
    found: Any = node.visit(_Replacing(changes))  # of its own kind, unless it is a key itself
    changed: N = found
    return changed


def binds_or_waits(node: cst.CSTNode) -> bool:
    """Whether ``node`` does more than compute: left out or moved, it would leave out more."""
    if isinstance(node, cst.NamedExpr | cst.Await | cst.Yield):
        return True
    return any(binds_or_waits(child) for child in node.children)


def has_comment(node: cst.CSTNode) -> bool:
    """Whether a comment stands within ``node``."""
    return isinstance(node, cst.Comment) or any(has_comment(child) for child in node.children)
