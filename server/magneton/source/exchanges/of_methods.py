"""Methods by which one program's classes alone override those of their bases, and those bases."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from . import changed
from .callees import last_name
from .exchange import CHOSEN, Exchange, exchange
from .own import Module
from .slots import Slot, alone_returned
from .texts import Texts
from .words import Words

_SHOWN = 60  # characters of a value
_OVERRIDDEN = "what it overrides"


@dataclass(frozen=True)
class Method:
    """A method of the class ``owner`` with ``bases``, told by their last names. Where it is no more
    than a return, ``place`` is that and ``value`` what it returns; else they are the method."""

    name: str
    owner: ast.ClassDef
    bases: frozenset[str]
    node: ast.FunctionDef
    place: ast.AST
    value: str


def of_methods(texts: Texts) -> Iterator[Exchange]:
    """What can be exchanged of classes: methods left out, bases replaced."""
    theirs = [each for module in texts.others for each in _methods(module)]
    bases = {base for module in texts.others for base in _bases(texts, module)}
    for module in texts.own:
        for each in _methods(module):
            if bases & each.bases and not any(_is_same(each, other) for other in theirs):
                words = Words("call", each.name, each.value, _above(texts, each))
                yield exchange(
                    words, module, each.place, changed.left_out(module, each.node), CHOSEN
                )
        yield from _other_bases(texts, module)


def _above(texts: Texts, method: Method) -> str:
    """What a base returns instead, where that is known and all that it does."""

    def has(base: ast.ClassDef) -> ast.FunctionDef | None:
        named = (each for each in base.body if getattr(each, "name", "") == method.name)
        found = next(named, None)
        return found if isinstance(found, ast.FunctionDef) else None

    found = texts.bases.inherited(method.owner, has)
    return _told(found)[1] if found is not None and alone_returned(found) else _OVERRIDDEN


def _methods(module: Module) -> Iterator[Method]:
    """The methods in the program's own part of a file."""
    for each in module.own():
        if not isinstance(each, ast.ClassDef) or not each.bases:
            continue
        bases = frozenset(map(last_name, each.bases))
        for node in each.body:
            if isinstance(node, ast.FunctionDef):
                yield Method(node.name, each, bases, node, *_told(node))


def _told(node: ast.FunctionDef) -> tuple[ast.AST, str]:
    returned = alone_returned(node)
    if returned is None or returned.value is None:
        return node, node.name
    written = ast.unparse(returned.value)
    return returned, written if len(written) <= _SHOWN else f"{written[: _SHOWN - 3]}..."


def _other_bases(texts: Texts, module: Module) -> Iterator[Exchange]:
    """With a base that only the other program's classes have in the place of one that only this
    one's have."""
    own = _bases(texts, module)
    theirs = {name: slot for each in texts.others for name, slot in _bases(texts, each).items()}
    more = [slot for name, slot in theirs.items() if name not in own]
    for name, slot in own.items():
        if name in theirs:
            continue
        for value, each in texts.values(more, module):
            words = Words("call", name, name, each.name)
            yield exchange(words, module, slot.node, changed.replaced(slot, value), CHOSEN)


def _bases(texts: Texts, module: Module) -> dict[str, Slot]:
    """The bases of the program's own classes, by their last names."""
    return {
        name: Slot("base", "", name, base, base, module)
        for each in module.own()
        if isinstance(each, ast.ClassDef)
        for base in each.bases
        if (name := texts.callees.root(module, base))
    }


def _is_same(one: Method, other: Method) -> bool:
    return one.name == other.name and bool(one.bases & other.bases)
