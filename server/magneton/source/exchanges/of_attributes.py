"""Attributes that a class of one program alone overrides."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import changed
from .exchange import CHOSEN, Exchange, exchange
from .own import Module
from .slots import Slot
from .surfaces import attributes
from .texts import Texts
from .words import NOT_GIVEN, Words

_FURTHEST = 6  # bases of bases
_Class = tuple[Module, ast.ClassDef]


def of_attributes(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of classes of both programs that have a base of the user's in
    common."""
    theirs = [each for module in texts.others for each in _classes(module)]
    for module in texts.own:
        for own in _classes(module):
            for other in theirs:
                common = _bases(own[1]) & _bases(other[1])
                if any(map(texts.callees.is_users, common)):
                    yield from overridden(texts, own, other)


def overridden(texts: Texts, own: _Class, other: _Class) -> Iterator[Exchange]:
    """Attributes that one of two classes overrides and the other leaves as its bases have them."""
    mine, theirs = attributes(own[1]), attributes(other[1])
    for name, statement in mine.items():
        if name not in theirs:
            yield from _inherited(texts, own, name, statement)
    for name, statement in theirs.items():
        if name not in mine:
            yield from _added(texts, own, name, statement, other[0])


def _classes(module: Module) -> Iterator[_Class]:
    """Those in the program's own part of a file."""
    return ((module, each) for each in module.own() if isinstance(each, ast.ClassDef))


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


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
        text = changed.with_attribute(module, node, name, value)
        yield exchange(words, module, node, text, CHOSEN)


def _left(texts: Texts, node: ast.ClassDef, name: str) -> str:
    """What bases have by ``name``."""
    above = _above(texts, node, name, 0)
    return ast.unparse(above) if above is not None else NOT_GIVEN


def _above(texts: Texts, node: ast.ClassDef, name: str, depth: int) -> ast.expr | None:
    for base in node.bases if depth < _FURTHEST else ():
        for module in texts.own:
            for each in module.tree.body:
                if isinstance(each, ast.ClassDef) and each.name == ast.unparse(base).split(".")[-1]:
                    known = attributes(each).get(name)
                    if known is not None and known.value is not None:
                        return known.value
                    return _above(texts, each, name, depth + 1)
    return None
