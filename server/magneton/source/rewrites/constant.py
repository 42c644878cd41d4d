"""Puts the efficient value in the place of the wasteful one where the source spells it out: a
default, a field, a constant, an entry of a table."""

from __future__ import annotations

import libcst as cst

from .module import SourceModule, exchanged
from .names import is_read, is_visible
from .values import is_literal, written
from .wish import Place, Rewrite, Wish

_SPACE = cst.SimpleWhitespace(" ")


def rewrite(wish: Wish) -> Rewrite | None:
    """The deciding range with its one mention of the wasteful value exchanged. Two mentions: which
    of them decides cannot be told, unless one is a default."""
    place = wish.deciding
    if place is None:
        return None
    module = place.module
    found = _literals(place, wish.wasteful_value) or _names(place, wish.wasteful_value)
    if len(found) > 1:
        found = [each for each in found if _is_default(each, module)]
    changes = _changes(found[0], wish.efficient_value, module) if len(found) == 1 else None
    if changes is None:
        return None
    text = exchanged(module.tree, changes).code
    title = _title(wish, *(module.code(each) for each in (found[0], changes[found[0]])))
    return Rewrite(title, module, text) if text != module.text else None


def _title(wish: Wish, old: str, new: str) -> str:
    return f"use {new} for {old}" if wish.kind == "call" else f"let {wish.name} be {new}"


def _is_default(node: cst.BaseExpression, module: SourceModule) -> bool:
    outer = next(module.around(node))
    keyword = outer.keyword if isinstance(outer, cst.Arg) else None
    return keyword is not None and keyword.value == "default"


def _literals(place: Place, value: str) -> list[cst.BaseExpression]:
    found: list[cst.BaseExpression] = []
    for node in place.module.within(place.location):
        inside = any(outer in found for outer in place.module.around(node))
        if inside or not isinstance(node, cst.BaseExpression):
            continue
        if is_literal(node, value, place.module):
            found.append(node)
    return found


def _names(place: Place, value: str) -> list[cst.BaseExpression]:
    """What is called ``value`` in the range, but not what is bound or named there as that."""
    module = place.module
    return [
        node
        for node in module.within(place.location)
        if isinstance(node, cst.Name)
        and node.value == value
        and is_visible(value, module, node)
        and is_read(node, module)
    ]


def _changes(
    old: cst.BaseExpression, value: str, module: SourceModule
) -> dict[cst.CSTNode, cst.CSTNode] | None:
    """What to exchange for ``value`` to stand in the place of ``old``: where that is a function or
    class by its name, and its like is not known here, their import too."""
    imports: dict[cst.CSTNode, cst.CSTNode] = {}
    text: str | None = value
    if not (isinstance(old, cst.Name) and value.isidentifier()):
        text = written(value, module, old)
    elif not is_visible(value, module, old):
        imports = _imported_beside(old, value, module)
        text = value if imports else None
    if text is None:
        return None
    return imports | {old: cst.parse_expression(text).with_changes(lpar=old.lpar, rpar=old.rpar)}


def _imported_beside(
    old: cst.Name, wanted: str, module: SourceModule
) -> dict[cst.CSTNode, cst.CSTNode]:
    """The ``from … import`` that brings ``old``, with ``wanted`` too, or instead where nothing else
    uses ``old``."""
    for node in module.all(cst.ImportFrom):
        names = () if isinstance(node.names, cst.ImportStar) else node.names
        for alias in names:
            if alias.asname is None and alias.name.value == old.value:
                new = cst.ImportAlias(cst.Name(wanted))
                if module.mentions(old.value) == 2:  # the import's and this
                    return {alias: alias.with_changes(name=new.name)}
                kept = alias.with_changes(comma=cst.Comma(whitespace_after=_SPACE))
                added = [kept, new.with_changes(comma=alias.comma)]
                changed = [n for each in names for n in (added if each is alias else [each])]
                return {node: node.with_changes(names=changed)}
    return {}
