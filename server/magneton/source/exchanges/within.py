"""What two programs choose between, a class or an entry of a table, told by what differs in it.

Both may be defined in files that both programs run. What is written as code is left alone: there
the choice decides.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from . import changed
from .exchange import CHOSEN, Exchange, exchange
from .of_calls import of_calls
from .of_slots import of_slots
from .own import Module
from .slots import Slot
from .texts import Texts
from .words import NOT_GIVEN, Words

_FURTHEST = 6  # names behind names
_Found = tuple[Module, ast.ClassDef | ast.Call | ast.Dict]


def within(chosen: Exchange) -> list[Exchange]:
    """What can be exchanged in the definition of what the program chooses for what is in that of
    the other's choice; none where they are not known, or one."""
    if chosen.choice is None:
        return []
    texts, own, other = chosen.choice.texts, chosen.choice.own, chosen.choice.other
    x = _Definitions(texts, texts.own).of(own.value, own.module)
    y = _Definitions(texts, texts.others).of(other.value, other.module)
    if x is None or y is None or x[1] is y[1] or type(x[1]) is not type(y[1]):
        return []
    inner = Texts(_with_part(texts.own, *x), _with_part(texts.others, *y))
    found = [*of_calls(inner), *of_slots(inner)]
    given = [each for each in found if each.words.kind == "argument"]
    return [*given, *_inherited(texts, x, y), *_added(inner, x, y)]


def _with_part(modules: Sequence[Module], module: Module, node: ast.AST) -> list[Module]:
    return [
        replace(each, part=_surface(node) if each.path == module.path else None) for each in modules
    ]


def _surface(node: ast.AST) -> ast.AST:
    """What of a class is no code: attributes, and what its methods are decorated with."""
    if not isinstance(node, ast.ClassDef):
        return node
    assigned: list[ast.stmt] = [each for each in node.body if isinstance(each, _ASSIGNED)]
    decorators = [
        decorator
        for each in node.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in each.decorator_list
    ]
    return ast.Module([*assigned, ast.Expr(ast.Tuple(decorators, ast.Load()))], [])


_ASSIGNED = (ast.Assign, ast.AnnAssign)


def _inherited(texts: Texts, x: _Found, y: _Found) -> Iterator[Exchange]:
    """Attributes that the class alone overrides, with what its bases have."""
    module, node = x
    if not isinstance(node, ast.ClassDef) or not isinstance(y[1], ast.ClassDef):
        return
    theirs = _attributes(y[1])
    for name, statement in _attributes(node).items():
        if name in theirs or statement.value is None:
            continue
        above = _above(texts, node, name, 0)
        left = ast.unparse(above) if above is not None else NOT_GIVEN
        words = Words("argument", name, module.source(statement.value), left)
        yield exchange(words, module, statement, changed.left_out(module, statement), CHOSEN)


def _added(texts: Texts, x: _Found, y: _Found) -> Iterator[Exchange]:
    """Attributes that the other class alone overrides."""
    module, node = x
    if not isinstance(node, ast.ClassDef) or not isinstance(y[1], ast.ClassDef):
        return
    own = _attributes(node)
    there = next(each for each in texts.others if each.path == y[0].path)
    for name, statement in _attributes(y[1]).items():
        if name in own or statement.value is None:
            continue
        slot = Slot("value", "", name, statement.value, statement, there)
        value = texts.portable(slot, next(m for m in texts.own if m.path == module.path))
        if value is not None:
            above = _above(texts, node, name, 0)
            left = ast.unparse(above) if above is not None else NOT_GIVEN
            text = changed.with_attribute(module, node, name, value)
            yield exchange(Words("argument", name, left, value.text), module, node, text, CHOSEN)


def _attributes(node: ast.ClassDef) -> dict[str, ast.Assign | ast.AnnAssign]:
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for each in node.body:
        if isinstance(each, _ASSIGNED):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            found |= {name.id: each for name in targets if isinstance(name, ast.Name)}
    return found


def _above(texts: Texts, node: ast.ClassDef, name: str, depth: int) -> ast.expr | None:
    for base in node.bases if depth < _FURTHEST else ():
        for module in texts.own:
            for each in module.tree.body:
                if isinstance(each, ast.ClassDef) and each.name == ast.unparse(base).split(".")[-1]:
                    known = _attributes(each).get(name)
                    if known is not None and known.value is not None:
                        return known.value
                    return _above(texts, each, name, depth + 1)
    return None


class _Definitions:
    """Definitions at the top level of a program's ``modules``."""

    def __init__(self, texts: Texts, modules: Sequence[Module]) -> None:
        self._texts, self._modules = texts, modules

    def of(self, node: ast.expr, module: Module, depth: int = 0) -> _Found | None:
        """Where the value of an expression is defined."""
        if depth >= _FURTHEST:
            return None
        if isinstance(node, ast.Subscript):
            return self._entry(node, module, depth)
        if isinstance(node, ast.Call | ast.Dict):
            return module, node
        name = self._texts.callees.root(module, node)
        for each in self._modules:
            for statement in each.tree.body:
                if isinstance(statement, ast.ClassDef) and statement.name == name:
                    return each, statement
                if isinstance(statement, ast.Assign) and any(
                    getattr(target, "id", "") == name for target in statement.targets
                ):
                    return self.of(statement.value, each, depth + 1)
        return None

    def _entry(self, node: ast.Subscript, module: Module, depth: int) -> _Found | None:
        table = self.of(node.value, module, depth + 1)
        key = self._texts.names(module).resolved(node.slice)
        if table is None or not isinstance(table[1], ast.Dict) or not isinstance(key, ast.Constant):
            return None
        for each, value in zip(table[1].keys, table[1].values, strict=True):
            if isinstance(each, ast.Constant) and each.value == key.value:
                return self.of(value, table[0], depth + 1)
        return None
