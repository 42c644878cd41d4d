"""Computes once, before a loop, what the loop computes again and again from the same values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import libcst as cst

from .bound import changed_in, free_name, names_in
from .module import SourceModule, exchanged
from .names import is_read
from .repeated import rewritten
from .wish import Rewrite, Wish

_Loop = cst.For | cst.While
_BODIES = (cst.For, cst.While, cst.IndentedBlock)
_OTHER_CODE = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.CompFor, cst.BaseComp, cst.Module)
_OTHER_CONTEXT = (cst.With, cst.Try, cst.TryStar)


def rewrite(wish: Wish) -> Rewrite | None:
    """The repeated expression, or the innermost call around it of which that can be said, before
    the outermost loop that changes nothing of what it reads."""
    return rewritten(wish, _hoisted)


def _hoisted(node: cst.BaseExpression, module: SourceModule) -> Rewrite | None:
    loop = _outermost_loop(node, module)
    body = next(module.around(loop), None) if loop is not None else None
    if loop is None or not isinstance(body, cst.Module | cst.IndentedBlock):
        return None
    changed = _with_line_moved(node, loop, body, module)
    text = changed or _with_name(node, loop, body, module)
    return Rewrite(f"compute {module.code(node)} once, before the loop", module, text)


def _outermost_loop(node: cst.CSTNode, module: SourceModule) -> _Loop | None:
    read = {each.value for each in names_in(node)}
    found: _Loop | None = None
    inner: cst.CSTNode = node
    for outer in module.around(node):
        if isinstance(outer, (*_OTHER_CODE, *_OTHER_CONTEXT)):
            break  # within another function or context, it need not be the same
        if read & set(_asked(outer, inner)):
            break  # it may only be computed where that is so: `if n is not None: table(n)`
        if isinstance(outer, cst.For | cst.While) and inner is outer.body:
            if read & set(changed_in(outer)):
                break
            found = outer
        inner = outer
    return found


def _asked(outer: cst.CSTNode, inner: cst.CSTNode) -> Iterator[str]:
    """The names that decide whether ``inner``, a part of ``outer``, runs."""
    test: cst.CSTNode | None = None
    if isinstance(outer, cst.If | cst.IfExp):
        test = outer.test
    elif isinstance(outer, cst.BooleanOperation):
        test = outer.left
    if test is not None and test is not inner:
        yield from (each.value for each in names_in(test))


def _with_line_moved(
    node: cst.CSTNode, loop: _Loop, body: cst.Module | cst.IndentedBlock, module: SourceModule
) -> str | None:
    """``name = node`` as a whole moved, where nothing else in the loop gives ``name`` a value,
    every pass comes to it, and none reads ``name`` before."""
    target, line, block = _assigned(node, module)
    if target is None or list(changed_in(loop)).count(target) > 1 or len(block.body) < 2:
        return None
    if not _in_every_pass(block, loop, module) or _read_before(target, line, loop, module):
        return None
    kept = [each for each in block.body if each is not line]
    without: dict[cst.CSTNode, cst.CSTNode] = {block: block.with_changes(body=kept)}
    return _with_statement(line, without, loop, body, module)


def _in_every_pass(block: cst.IndentedBlock, loop: _Loop, module: SourceModule) -> bool:
    around = itertools.takewhile(lambda each: each is not loop.body, module.around(block))
    return block is loop.body or all(isinstance(each, _BODIES) for each in around)


def _read_before(
    name: str, line: cst.SimpleStatementLine, loop: _Loop, module: SourceModule
) -> bool:
    begins = module.span(line)[0]
    return any(
        each.value == name and is_read(each, module) and module.span(each)[0] < begins
        for each in names_in(loop)
    )


def _assigned(
    node: cst.CSTNode, module: SourceModule
) -> tuple[str | None, cst.SimpleStatementLine, cst.IndentedBlock]:
    """The name that a line of its own gives to ``node``, the line and its block."""
    outer, line, block = (*module.around(node), *[cst.Pass()] * 3)[:3]
    if (
        isinstance(outer, cst.Assign)
        and isinstance(line, cst.SimpleStatementLine)
        and isinstance(block, cst.IndentedBlock)
        and len(line.body) == len(outer.targets) == 1
        and isinstance(target := outer.targets[0].target, cst.Name)
    ):
        return target.value, line, block
    return None, cst.SimpleStatementLine([]), cst.IndentedBlock([])


def _with_name(
    node: cst.BaseExpression,
    loop: _Loop,
    body: cst.Module | cst.IndentedBlock,
    module: SourceModule,
) -> str:
    """``node`` computed into a new name, which stands in its place."""
    name = cst.Name(free_name(node, module))
    assignment = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(name)], node)])
    return _with_statement(assignment, {node: name}, loop, body, module)


def _with_statement(
    statement: cst.SimpleStatementLine,
    changes: dict[cst.CSTNode, cst.CSTNode],
    loop: _Loop,
    body: cst.Module | cst.IndentedBlock,
    module: SourceModule,
) -> str:
    """The text with ``changes`` in ``loop``, and ``statement`` before it."""
    changed = exchanged(loop, changes)
    statements = [
        new for each in body.body for new in ((statement, changed) if each is loop else (each,))
    ]
    return module.replaced(body, body.with_changes(body=statements))
