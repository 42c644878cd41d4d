"""Which names a piece of code gives other values, and which are still free."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from .module import SourceModule


def free_name(node: cst.CSTNode, module: SourceModule) -> str:
    """A name after the function that is called, which the file does not use."""
    stem = "repeated"
    if isinstance(node, cst.Call):
        called = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        stem = called.value if isinstance(called, cst.Name) else stem
    used = {each.value for each in names_in(module.tree)}
    name = f"{stem.lower().strip('_')}_once"
    while name in used:
        name += "_"
    return name


def changed_in(code: cst.CSTNode) -> Iterator[str]:
    """The names that ``code`` may give another value, or whose value it may change in place."""
    for node in _nodes(code):
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


def names_in(node: cst.CSTNode) -> Iterator[cst.Name]:
    """All names within ``node``, whatever they are there for."""
    return (each for each in _nodes(node) if isinstance(each, cst.Name))


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)
