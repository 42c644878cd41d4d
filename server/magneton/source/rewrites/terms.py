"""The other side's expression in the terms of this file: its imports, its names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst

from .module import SourceModule, exchanged
from .names import is_builtin, is_read, is_visible, qualified, qualified_chain, spelled
from .wish import Place

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


def in_terms(
    efficient: Place,
    new: cst.BaseExpression,
    module: SourceModule,
    old: cst.CSTNode,
    named: Sequence[str],
) -> str | None:
    """``new``, the expression at ``efficient``, on one line as it can stand at ``old`` of
    ``module``, which works on the values called ``named``: imported names as that file imports
    them, others as the same things are called there. None where one has no counterpart."""
    changes: dict[cst.CSTNode, cst.CSTNode] = {}
    values: list[cst.Name] = []
    for name in _free_names(efficient):
        chain = _chain(name, efficient, new)
        imported = qualified_chain(chain, efficient.module)
        if imported is None:
            values += [] if is_builtin(name, efficient.module) else [name]
        elif (there := spelled(imported, module, old)) is not None:
            changes[chain] = cst.parse_expression(there)
        else:
            return None
    wanted = list(dict.fromkeys(name.value for name in values))
    here = _counterparts(wanted, named, module, old)
    if here is None:
        return None
    changes |= {name: cst.Name(here[name.value]) for name in values}
    return _on_one_line(efficient.module.code(exchanged(new, changes)))


def value_names(place: Place) -> list[str]:
    """The names of values that the range of ``place`` reads from around it, in order: no imported
    ones, no builtin ones."""
    module = place.module
    return [
        name.value
        for name in _free_names(place)
        if qualified(name, module) is None and not is_builtin(name, module)
    ]


def fitting(old: cst.BaseExpression, text: str, outer: cst.CSTNode) -> cst.BaseExpression:
    """``text`` with the parentheses of ``old``, or with some where it would fall apart."""
    new = cst.parse_expression(text)
    if old.lpar:
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    if new.lpar or isinstance(new, _ATOMS) or isinstance(outer, _UNDIVIDED):
        return new
    return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _counterparts(
    wanted: Sequence[str], named: Sequence[str], module: SourceModule, place: cst.CSTNode
) -> dict[str, str] | None:
    """For each of ``wanted`` its name in the other file: the same one, else in the order in which
    the two name what the other does not."""
    missing = [name for name in wanted if name not in named and not is_visible(name, module, place)]
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
