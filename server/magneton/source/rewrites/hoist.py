"""Computes once, before a loop, what the loop computes again and again from the same values."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .module import SourceModule, binds_or_waits, exchanged
from .wish import Place, Rewrite, Wish

_Loop = cst.For | cst.While
_OTHER_CODE = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.CompFor, cst.BaseComp, cst.Module)


def rewrite(wish: Wish) -> Rewrite | None:
    """The repeated expression, or the innermost call around it of which that can be said, before
    the outermost loop that changes nothing of what it reads."""
    if wish.kind != "redundant":
        return None
    places = (*([wish.wasteful] if wish.wasteful is not None else []), *wish.path)
    found = (_hoisted(place) for place in places)
    return next((each for each in found if each is not None), None)


def _hoisted(place: Place) -> Rewrite | None:
    module = place.module
    node = module.expression(place.location)
    if node is None or isinstance(node, cst.Name | cst.BaseString) or binds_or_waits(node):
        return None
    loop = _outermost_loop(node, module)
    body = next(module.around(loop), None) if loop is not None else None
    if loop is None or not isinstance(body, cst.Module | cst.IndentedBlock):
        return None
    changed = _with_line_moved(node, loop, body, module)
    text = changed or _with_name(node, loop, body, module)
    return Rewrite(f"compute {module.code(node)} once, before the loop", module, text)


def _outermost_loop(node: cst.CSTNode, module: SourceModule) -> _Loop | None:
    read = {each.value for each in _names(node)}
    found: _Loop | None = None
    inner: cst.CSTNode = node
    for outer in module.around(node):
        if isinstance(outer, (*_OTHER_CODE, cst.With)):
            break  # within another function or context, it need not be the same
        if isinstance(outer, cst.For | cst.While) and inner is outer.body:
            if read & set(_changed_in(outer)):
                break
            found = outer
        inner = outer
    return found


def _with_line_moved(
    node: cst.CSTNode, loop: _Loop, body: cst.Module | cst.IndentedBlock, module: SourceModule
) -> str | None:
    """``name = node`` as a whole moved, where nothing else in the loop gives ``name`` a value."""
    target, line, block = _assigned(node, module)
    if target is None or list(_changed_in(loop)).count(target) > 1 or len(block.body) < 2:
        return None
    kept = [each for each in block.body if each is not line]
    without: dict[cst.CSTNode, cst.CSTNode] = {block: block.with_changes(body=kept)}
    return _with_statement(line, without, loop, body, module)


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
    name = cst.Name(_free_name(node, module))
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


def _free_name(node: cst.CSTNode, module: SourceModule) -> str:
    """A name after the function that is called, which the file does not use."""
    stem = "repeated"
    if isinstance(node, cst.Call):
        called = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        stem = called.value if isinstance(called, cst.Name) else stem
    used = {each.value for each in _names(module.tree)}
    name = f"{stem.lower().strip('_')}_once"
    while name in used:
        name += "_"
    return name


def _changed_in(loop: cst.CSTNode) -> Iterator[str]:
    """The names that ``loop`` may give another value, or whose value it may change in place."""
    for node in _nodes(loop):
        match node:
            case cst.AssignTarget() | cst.AugAssign() | cst.AnnAssign():
                yield from _bases(node.target)
            case cst.NamedExpr() | cst.For() | cst.Del():
                yield from _bases(node.target)
            case cst.AsName() | cst.FunctionDef() | cst.ClassDef():
                yield from _bases(node.name)
            case cst.ImportAlias():
                yield from _bases(node.asname.name if node.asname is not None else node.name)
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value=method))):
                # As torch names what writes in place.
                if method.endswith("_") and not method.endswith("__"):
                    yield from _bases(owner)


def _bases(target: cst.CSTNode) -> Iterator[str]:
    """The ``x`` of ``x``, ``x.a[i]``, and of each part of ``(x, *y)``."""
    while isinstance(target, cst.Attribute | cst.Subscript):
        target = target.value
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _bases(element.value)


def _names(node: cst.CSTNode) -> Iterator[cst.Name]:
    return (each for each in _nodes(node) if isinstance(each, cst.Name))


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)
