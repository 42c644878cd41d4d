"""Where a program defines what it chooses: a class, a function, an entry of a table, or what a
registry has by a word."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .choice import Chosen
from .own import Module
from .slots import Function
from .texts import Texts

_FURTHEST = 6  # names behind names
_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_ALONE = ast.Return | ast.Assign | ast.AnnAssign | ast.Expr


@dataclass(frozen=True)
class Definition:
    """``node`` in ``module`` is what is chosen. ``form`` says how it is told: those of two choices
    can be compared where they are told alike."""

    form: str
    module: Module
    node: ast.ClassDef | Function | ast.Call | ast.Dict | ast.stmt


class Definitions:
    """Those of one program's ``modules``. By words only files are searched of which nothing is the
    program's own: what it has otherwise itself is exchanged anyway."""

    def __init__(self, texts: Texts, modules: Sequence[Module]) -> None:
        self._texts, self._modules = texts, modules

    def of(self, chosen: Chosen) -> list[Definition]:
        """What the value may be, of each form one, likely ones first."""
        found = self._of(chosen.value, chosen.module) if chosen.module is not None else []
        return found or self._by_word(self._resolved(chosen))

    def _resolved(self, chosen: Chosen) -> ast.expr:
        if chosen.module is None:
            return chosen.value
        value = self._texts.names(chosen.module).resolved(chosen.value)
        return value.slice if isinstance(value, ast.Subscript) else value

    def _of(self, node: ast.expr, module: Module, depth: int = 0) -> list[Definition]:
        """Where the value of an expression is defined: at the top level of a file."""
        if depth >= _FURTHEST:
            return []
        if isinstance(node, ast.Subscript):
            return self._entry(node, module, depth)
        if isinstance(node, ast.Call | ast.Dict):
            return [Definition("", module, node)]
        name = self._texts.callees.root(module, node)
        for each in self._modules if name else ():
            for statement in each.tree.body:
                if isinstance(statement, _DEFINES) and statement.name == name:
                    return [Definition("", each, statement)]
                value = _assigned_to(statement, name)
                if value is not None:
                    return self._of(value, each, depth + 1)
        return []

    def _entry(self, node: ast.Subscript, module: Module, depth: int) -> list[Definition]:
        key = self._texts.names(module).resolved(node.slice)
        for table in self._of(node.value, module, depth + 1):
            if isinstance(table.node, ast.Dict):
                for each, value in zip(table.node.keys, table.node.values, strict=True):
                    if each is not None and _key(each) == _key(key) is not None:
                        return self._of(value, table.module, depth + 1)
        return []

    def _by_word(self, value: ast.expr) -> list[Definition]:
        word = _word(value)
        if word is None:
            return []
        unique: dict[str, Definition] = {}
        for module in self._modules:
            for node in ast.walk(module.tree) if module.part is None else ():
                for each in self._told(word, node, module):
                    unique.setdefault(each.form, each)
        return sorted(unique.values(), key=lambda each: _FORMS.index(each.form.partition(" ")[0]))

    def _told(self, word: object, node: ast.AST, module: Module) -> Iterator[Definition]:
        """What ``node`` has by a ``word``."""
        if isinstance(node, _DEFINES):
            yield from self._defined(word, node, module)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and _word(key) == word:
                    yield from self._as("entry", value, module)
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            if isinstance(target, ast.Subscript) and _word(target.slice) == word:
                yield from self._as("entry", node.value, module)
        elif isinstance(node, ast.Call):
            yield from self._called(word, node, module)
        else:
            yield from _branches(word, node, module)

    def _as(self, form: str, value: ast.expr, module: Module) -> Iterator[Definition]:
        return (Definition(form, each.module, each.node) for each in self._of(value, module))

    def _defined(
        self, word: object, node: ast.ClassDef | Function, module: Module
    ) -> Iterator[Definition]:
        """Classes and functions that are registered by it or have it as an attribute."""
        for each in node.decorator_list:
            if isinstance(each, ast.Call) and word in map(_word, _arguments(each)):
                root = self._texts.callees.root(module, each.func)
                yield Definition(f"decorated {root}", module, node)
        for statement in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(statement, ast.Assign) and _word(statement.value) == word:
                yield Definition(f"attribute {ast.unparse(statement.targets[0])}", module, node)

    def _called(self, word: object, node: ast.Call, module: Module) -> Iterator[Definition]:
        """What is given with it: ``register("word", Thing)``, ``dict(word=Thing())``; else the call
        itself, ``Thing("word", size=2)``."""
        for keyword in node.keywords:
            if keyword.arg == word:
                yield from self._as("entry", keyword.value, module)
        if word in map(_word, _arguments(node)):
            root = self._texts.callees.root(module, node.func)
            others = [each for each in _arguments(node) if isinstance(each, ast.Name)]
            for each in others:
                for found in self._of(each, module):
                    if isinstance(found.node, _DEFINES):
                        yield Definition(f"registered {root}", found.module, found.node)
            yield Definition(f"call {root}", module, node)


_FORMS = ("decorated", "entry", "registered", "attribute", "call", "branch")


def _assigned_to(statement: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return None
    return statement.value if name in [getattr(each, "id", "") for each in targets] else None


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def _key(node: ast.expr) -> object:
    """As :func:`_word`, also numbers and other constants."""
    return (type(node.value), node.value) if isinstance(node, ast.Constant) else _word(node)


def _word(node: ast.expr) -> object:
    """A text, or ``Kind.FAST``; None where it is neither."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return None


def _branches(word: object, node: ast.AST, module: Module) -> Iterator[Definition]:
    """One statement that is run where something is ``word``."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        sides = [node.test.left, *node.test.comparators]
        equal = isinstance(node.test.ops[0], ast.Eq) and word in map(_word, sides)
    elif isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchValue):
        equal = _word(node.pattern.value) == word
    else:
        return
    if equal and len(node.body) == 1 and isinstance(node.body[0], _ALONE):
        yield Definition("branch", module, node.body[0])
