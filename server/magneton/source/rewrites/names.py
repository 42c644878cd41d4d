"""Names: what an imported one stands for, and how a file can write it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import ImportAssignment, QualifiedNameSource, Scope

from .module import SourceModule


def qualified(name: cst.Name, module: SourceModule) -> str | None:
    """``torch.nn.functional`` for the ``F`` that was imported as that; None for what was not
    imported."""
    scope = module.scope(name)
    found = scope.get_qualified_names_for(name) if scope is not None else ()
    return next((each.name for each in found if each.source == QualifiedNameSource.IMPORT), None)


def qualified_chain(node: cst.CSTNode, module: SourceModule) -> str | None:
    """As :func:`qualified`, of a name with attributes."""
    if isinstance(node, cst.Attribute):
        owner = qualified_chain(node.value, module)
        return f"{owner}.{node.attr.value}" if owner is not None else None
    return qualified(node, module) if isinstance(node, cst.Name) else None


def is_builtin(name: cst.Name, module: SourceModule) -> bool:
    scope = module.scope(name)
    found = scope.get_qualified_names_for(name) if scope is not None else ()
    return any(each.source == QualifiedNameSource.BUILTIN for each in found)


def spelled(wanted: str, module: SourceModule, place: cst.CSTNode) -> str | None:
    """How the qualified name ``wanted`` can be written at ``place``, by the import that says most
    of it; None where nothing that leads there is imported."""
    scope = module.scope(place)
    best: tuple[int, str] | None = None
    for name, stands_for in _imports(scope) if scope is not None else ():
        if wanted == stands_for or wanted.startswith(stands_for + "."):
            found = (len(stands_for), name + wanted[len(stands_for) :])
            best = found if best is None else max(best, found)
    return best[1] if best is not None else None


def _imports(scope: Scope) -> Iterator[tuple[str, str]]:
    """Every imported name that can be seen from ``scope``, and what it stands for."""
    hidden: set[str] = set()
    while True:
        own = list(scope.assignments)
        for assignment in own:
            seen = assignment.name not in hidden and "." not in assignment.name
            if seen and isinstance(assignment, ImportAssignment):
                found = assignment.get_qualified_names_for(assignment.name)
                yield from ((assignment.name, each.name) for each in found)
        hidden.update(each.name for each in own)
        if scope.parent is scope:
            return
        scope = scope.parent


def is_visible(name: str, module: SourceModule, place: cst.CSTNode) -> bool:
    """Whether ``name`` is bound where ``place`` stands."""
    scope = module.scope(place)
    return scope is not None and name in scope


def is_read(name: cst.Name, module: SourceModule) -> bool:
    """Whether ``name`` stands for a value: it is no attribute's or argument's name, nor bound
    there."""
    outer = next(module.around(name))
    if isinstance(outer, cst.Arg):
        return outer.keyword is not name
    if isinstance(outer, cst.Attribute):
        return outer.value is name
    if isinstance(outer, cst.NamedExpr | cst.CompFor | cst.For):
        return outer.value is name if isinstance(outer, cst.NamedExpr) else outer.target is not name
    return not isinstance(outer, cst.AssignTarget | cst.Param)
