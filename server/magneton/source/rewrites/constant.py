"""Puts the efficient value in the place of the wasteful one where the source spells it out: a
default, a field, a constant, an entry of a table."""

from __future__ import annotations

import libcst as cst

from .module import SourceModule
from .names import is_read, is_visible
from .values import is_literal, written
from .wish import Place, Rewrite, Wish


def rewrite(wish: Wish) -> Rewrite | None:
    """The deciding range with its one mention of the wasteful value exchanged. Two mentions: which
    of them decides cannot be told."""
    place = wish.deciding
    if place is None:
        return None
    module = place.module
    found = _literals(place, wish.wasteful_value) or _names(place, wish.wasteful_value)
    if len(found) != 1:
        return None
    new = _new(found[0], wish.efficient_value, module)
    if new is None:
        return None
    text = module.replaced(found[0], new)
    title = f"use {module.code(new)} for {module.code(found[0])}"
    return Rewrite(title, module, text) if text != module.text else None


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


def _new(old: cst.BaseExpression, value: str, module: SourceModule) -> cst.BaseExpression | None:
    if isinstance(old, cst.Name) and value.isidentifier() and is_visible(value, module, old):
        text: str | None = value
    else:
        text = written(value, module, old)
    if text is None:
        return None
    return cst.parse_expression(text).with_changes(lpar=old.lpar, rpar=old.rpar)
