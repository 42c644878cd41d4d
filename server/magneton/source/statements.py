"""What one statement reads and writes, without the statements inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .patterns import captured

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_INNER = (ast.stmt, ast.excepthandler, ast.match_case)
_OWN_NAMES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """The lists of statements inside ``statement``, in the order of the text."""
    found: list[list[ast.stmt]] = [getattr(statement, "body", [])]
    found += [each.body for each in getattr(statement, "handlers", [])]
    found += [each.body for each in getattr(statement, "cases", [])]
    return [*found, getattr(statement, "orelse", []), getattr(statement, "finalbody", [])]


def names_written(statement: ast.stmt) -> list[tuple[str, bool]]:
    """The names that ``statement`` itself writes, each with whether it gets a wholly new value:
    ``x[i] = y``, ``x.a = y`` and ``x += y`` keep some of the old one."""
    keeps = isinstance(statement, ast.AugAssign)
    found = []
    for node in _own(statement, _OWN_NAMES):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and isinstance(
            node.ctx, ast.Store
        ):
            name = _base(node)
            whole = isinstance(node, ast.Name) and not keeps
            found += [(name, whole)] if name is not None else []
    if isinstance(statement, ast.Match):  # which of its cases applies is not known
        found += [(name, False) for name, _ in captured(statement)]
    return found


def may_leave(statement: ast.stmt) -> bool:
    """Whether what follows ``statement`` may not run because of it."""
    if isinstance(statement, SCOPES):
        return False
    return isinstance(statement, LEAVES) or any(
        may_leave(inner) for block in blocks(statement) for inner in block
    )


def _own(statement: ast.stmt, left_out: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        yield node
        pending += [
            each
            for each in ast.iter_child_nodes(node)
            if not isinstance(each, (*_INNER, *left_out))
        ]


def _base(node: ast.expr) -> str | None:
    """The ``x`` of ``x.a[i]``; None where a call or literal is written to."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
