"""Writes one expression of the other side in the place of several lines that compute the same."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from .module import SourceModule, binds_or_waits, exchanged, has_comment, span_of
from .names import is_builtin, is_read, qualified
from .terms import fitting, in_terms
from .wish import Place, Rewrite, Wish

_Body = cst.Module | cst.IndentedBlock


def rewrite(wish: Wish) -> Rewrite | None:
    """The last line with the efficient side's expression for what the range has of it, and without
    the lines before it, which must do nothing else than to give names to what it works on."""
    wasteful, efficient = wish.wasteful, wish.efficient
    if wish.kind != "call" or wasteful is None or efficient is None:
        return None
    module = wasteful.module
    new = efficient.module.expression(efficient.location)
    body, lines = _lines(wasteful)
    if new is None or binds_or_waits(new) or body is None:
        return None
    *before, last = lines
    old = _at_the_end(wasteful, last)
    given = [_given(line) for line in before]
    if old is None or None in given or binds_or_waits(old) or _commented(lines, old):
        return None
    if _read_after({name for name in given if name}, old, last, module):
        return None
    text = in_terms(efficient, new, module, old, _inputs([*before, old], module))
    if text is None:
        return None
    changed = exchanged(last, {old: fitting(old, text, next(module.around(old)))})
    changed = changed.with_changes(leading_lines=before[0].leading_lines)
    kept = [changed if each is last else each for each in body.body if each not in before]
    whole = module.replaced(body, body.with_changes(body=kept))
    return Rewrite(f"call {text} instead of {len(lines)} lines", module, whole)


def _lines(place: Place) -> tuple[_Body | None, list[cst.SimpleStatementLine]]:
    """The lines that the range touches, where they are several that follow one another in one
    block, and the block."""
    module = place.module
    start, end = span_of(place.location)
    touched = [
        line
        for line in module.all(cst.SimpleStatementLine)
        if module.span(line)[0] < end and start < module.span(line)[1]
    ]
    body = next(module.around(touched[0])) if touched else None
    if not isinstance(body, cst.Module | cst.IndentedBlock) or len(touched) < 2:
        return None, []
    first = next(i for i, each in enumerate(body.body) if each is touched[0])
    block = list(body.body[first : first + len(touched)])
    same = len(block) == len(touched) and all(x is y for x, y in zip(block, touched, strict=True))
    return (body, touched) if same else (None, [])


def _given(line: cst.SimpleStatementLine) -> str | None:
    """The name that the line gives a value, where it does nothing else."""
    match line.body:
        case [cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]:
            return None if binds_or_waits(value) else name
    return None


def _commented(lines: Sequence[cst.SimpleStatementLine], old: cst.CSTNode) -> bool:
    """Whether a comment would go: those above the first line and behind the last one stay."""
    first = lines[0].with_changes(leading_lines=())
    return any(map(has_comment, (first, *lines[1:-1], *lines[-1].leading_lines, old)))


def _at_the_end(place: Place, last: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    """The largest expression of the last line that ends where the range does."""
    module, (_, end) = place.module, span_of(place.location)
    for node in module.inside(last):
        if isinstance(node, cst.BaseExpression) and module.span(node)[1] == end:
            return node
    return None


def _read_after(
    names: set[str], old: cst.CSTNode, last: cst.SimpleStatementLine, module: SourceModule
) -> bool:
    """Whether anything but ``old`` reads one of ``names`` from its line on, up to where the line
    itself gives that name another value."""
    inside = {id(node) for node in module.inside(old)}
    names = names - {_given(last)}
    begins = module.span(last)[0]
    return any(
        name.value in names and module.span(name)[0] >= begins and id(name) not in inside
        for name in module.all(cst.Name)
        if is_read(name, module)
    )


def _inputs(nodes: Sequence[cst.CSTNode], module: SourceModule) -> list[str]:
    """The names of values that the lines read before they give them one of their own."""
    found: list[str] = []
    given: set[str] = set()
    for node in nodes:
        for name in module.inside(node):
            if isinstance(name, cst.Name) and is_read(name, module) and name.value not in given:
                imported = qualified(name, module) is not None
                found += [] if imported or is_builtin(name, module) else [name.value]
        if isinstance(node, cst.SimpleStatementLine) and (target := _given(node)) is not None:
            given.add(target)
    return found
