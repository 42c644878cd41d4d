"""Attributes that a class of one program alone overrides."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from . import changed
from .callees import last_name
from .exchange import CHOSEN, Exchange, exchange
from .own import Module
from .slots import Slot
from .surfaces import attributes, bound_names
from .texts import Texts
from .words import NOT_GIVEN, Words

_Class = tuple[Module, ast.ClassDef]
_MOST = 2  # classes of the other program that one is compared with


def of_attributes(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of classes of both programs that have a base of the user's in common:
    of one and its namesake, else of those that have none."""
    theirs = [each for module in texts.others for each in _classes(module)]
    mine = [each for module in texts.own for each in _classes(module)]
    names = {node.name for _, node in mine}
    for own in mine:
        namesakes = [each for each in theirs if each[1].name == own[1].name]
        others = [each for each in theirs if each[1].name not in names]
        for other in _of_one_base(texts, own[1], namesakes or others):
            yield from overridden(texts, own, other)


def overridden(texts: Texts, own: _Class, other: _Class) -> Iterator[Exchange]:
    """Attributes that one of two classes overrides and the other leaves as its bases have them."""
    mine, theirs = attributes(own[1]), attributes(other[1])
    for name, statement in mine.items():
        if name not in bound_names(other[1]):
            yield from _inherited(texts, own, name, statement)
    for name, statement in theirs.items():
        if name not in bound_names(own[1]):
            yield from _added(texts, own, name, statement, other[0])


def _classes(module: Module) -> Iterator[_Class]:
    """Those in the program's own part of a file."""
    return ((module, each) for each in module.own() if isinstance(each, ast.ClassDef))


def _of_one_base(texts: Texts, node: ast.ClassDef, others: Sequence[_Class]) -> list[_Class]:
    own = {name for name in map(last_name, node.bases) if texts.callees.is_users(name)}
    found = [each for each in others if own & set(map(last_name, each[1].bases))]
    return found if len(found) <= _MOST else []


def _inherited(
    texts: Texts, own: _Class, name: str, statement: ast.Assign | ast.AnnAssign
) -> Iterator[Exchange]:
    module, node = own
    if statement.value is not None:
        words = Words("argument", name, module.source(statement.value), _left(texts, node, name))
        yield exchange(words, module, statement, changed.left_out(module, statement), CHOSEN)


def _added(
    texts: Texts, own: _Class, name: str, statement: ast.Assign | ast.AnnAssign, there: Module
) -> Iterator[Exchange]:
    module, node = own
    there = next(each for each in texts.others if each.path == there.path)
    here = next(each for each in texts.own if each.path == module.path)
    if statement.value is None:
        return
    value = texts.portable(Slot("value", "", name, statement.value, statement, there), here)
    if value is not None:
        words = Words("argument", name, _left(texts, node, name), value.text)
        written = f"{name}: object" if isinstance(statement, ast.AnnAssign) else name
        text = changed.with_attribute(module, node, written, value)
        yield exchange(words, module, node, text, CHOSEN)


def _left(texts: Texts, node: ast.ClassDef, name: str) -> str:
    """What bases have by ``name``."""

    def has(base: ast.ClassDef) -> ast.expr | None:
        known = attributes(base).get(name)
        return known.value if known is not None else None

    above = texts.bases.inherited(node, has)
    return ast.unparse(above) if above is not None else NOT_GIVEN
