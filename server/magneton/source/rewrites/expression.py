"""Writes what the other side calls in the place of what costs more, with this file's names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from .module import binds_or_waits, exchanged, has_comment
from .names import is_builtin, is_read, is_visible, qualified, qualified_chain, spelled
from .wish import Place, Rewrite, Wish

_ATOMS = (
    cst.Attribute,
    cst.BaseString,
    cst.Call,
    cst.Dict,
    cst.List,
    cst.Name,
    cst.Set,
    cst.Subscript,
)
_UNDIVIDED = (cst.AnnAssign, cst.Arg, cst.Assign, cst.Expr, cst.Return)


def rewrite(wish: Wish) -> Rewrite | None:
    """The efficient side's expression, where every name in it has a counterpart."""
    wasteful, efficient = wish.wasteful, wish.efficient
    if wish.kind != "call" or wasteful is None or efficient is None:
        return None
    module = wasteful.module
    old = module.expression(wasteful.location)
    new = efficient.module.expression(efficient.location)
    if old is None or new is None or binds_or_waits(old) or binds_or_waits(new) or has_comment(old):
        return None
    changes = _renamed(wasteful, old, efficient, new)
    if changes is None:
        return None
    text = _on_one_line(efficient.module.code(exchanged(new, changes)))
    changed = module.replaced(old, _fitting(old, text, next(module.around(old))))
    return Rewrite(f"call {text}", module, changed) if changed != module.text else None


def _renamed(
    wasteful: Place, old: cst.CSTNode, efficient: Place, new: cst.CSTNode
) -> dict[cst.CSTNode, cst.CSTNode] | None:
    """What to exchange in ``new``: imported names are written as the other file imports them, the
    rest are the names of the same things there. None where one has no counterpart."""
    changes: dict[cst.CSTNode, cst.CSTNode] = {}
    values: list[cst.Name] = []
    for name in _free_names(efficient):
        chain = _chain(name, efficient, new)
        imported = qualified_chain(chain, efficient.module)
        if imported is None:
            values += [] if is_builtin(name, efficient.module) else [name]
        elif (there := spelled(imported, wasteful.module, old)) is not None:
            changes[chain] = cst.parse_expression(there)
        else:
            return None
    here = _counterparts(wasteful, old, list(dict.fromkeys(name.value for name in values)))
    if here is None:
        return None
    return changes | {name: cst.Name(here[name.value]) for name in values}


def _counterparts(wasteful: Place, old: cst.CSTNode, wanted: list[str]) -> dict[str, str] | None:
    """For each of ``wanted`` its name in the wasteful file: the same one, else in the order in
    which the two expressions name what the other does not."""
    module = wasteful.module
    named = [
        name.value
        for name in _free_names(wasteful)
        if qualified(name, module) is None and not is_builtin(name, module)
    ]
    missing = [name for name in wanted if name not in named and not is_visible(name, module, old)]
    spare = [name for name in dict.fromkeys(named) if name not in wanted]
    if missing and len(missing) != len(spare):
        return None
    return {name: name for name in wanted} | dict(zip(missing, spare, strict=False))


def _free_names(place: Place) -> Iterator[cst.Name]:
    """The names that the expression of ``place`` reads from around it."""
    module = place.module
    nodes = list(module.within(place.location))
    bound = {each.name.value for each in nodes if isinstance(each, cst.Param)}
    for each in nodes:
        if isinstance(each, cst.CompFor):
            bound |= {name.value for name in _names_in(each.target)}
    for each in nodes:
        if isinstance(each, cst.Name) and each.value not in bound and is_read(each, module):
            yield each


def _names_in(node: cst.CSTNode) -> Iterator[cst.Name]:
    if isinstance(node, cst.Name):
        yield node
    for child in node.children:
        yield from _names_in(child)


def _chain(name: cst.Name, place: Place, end: cst.CSTNode) -> cst.BaseExpression:
    """``name`` with the attributes that are looked up from it within ``end``."""
    chain: cst.BaseExpression = name
    for outer in place.module.around(name):
        if chain is end or not (isinstance(outer, cst.Attribute) and outer.value is chain):
            break
        chain = outer
    return chain


def _on_one_line(text: str) -> str:
    if "\n" not in text and "\r" not in text:
        return text.strip()
    return ast.unparse(ast.parse(f"({text})", mode="eval"))


def _fitting(old: cst.BaseExpression, text: str, outer: cst.CSTNode) -> cst.BaseExpression:
    """``text`` with the parentheses of ``old``, or with some where it would fall apart."""
    new = cst.parse_expression(text)
    if old.lpar:
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    if new.lpar or isinstance(new, _ATOMS) or isinstance(outer, _UNDIVIDED):
        return new
    return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
