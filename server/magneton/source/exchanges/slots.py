"""Where a program's own text gives values: to arguments, entries, names, defaults, decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .callees import Callees, is_partial, last_name
from .own import Module

Kind = Literal[
    "argument",
    "entry",
    "value",
    "default",
    "returned",
    "decorator",
    "context",
    "statement",
    "base",
    "callee",
]
Function = ast.FunctionDef | ast.AsyncFunctionDef
_DATA_TYPE, _MOST_PAIRS = "dtype", 40  # more are data
_WITH_ENTRIES, _WITH_ENTRY = ("dict", "update"), ("setdefault", "putenv")


@dataclass(frozen=True)
class Slot:
    """One place that gives ``value`` to what is called ``name``, an argument or default of
    ``owner``. ``node`` is what gives it."""

    kind: Kind
    owner: str
    name: str
    value: ast.expr
    node: ast.AST
    module: Module

    @property
    def place(self) -> ast.AST:
        """What is marked: of an entry its value, of an argument of a call that goes over several
        lines the argument, else what holds it."""
        if self.kind == "argument" and isinstance(self.node, ast.expr):
            return self.node if self.node.lineno == self.node.end_lineno else self.value
        return self.value if self.kind == "entry" else self.node

    @property
    def key(self) -> tuple[Kind, str, str]:
        """Slots of one key stand for each other in two programs."""
        return self.kind, self.owner, self.name


@dataclass(frozen=True)
class Called:
    """A call of ``root``, or a partial of it, with the arguments that it gives by their names."""

    root: str
    call: ast.Call
    given: dict[str, Slot]
    open: bool  # it may give more, as ``**options`` does
    partial: bool
    module: Module

    @property
    def function(self) -> Slot:
        """What is called."""
        return Slot("callee", "", self.root, self.call.func, self.call, self.module)


def called(module: Module, callees: Callees) -> Iterator[Called]:
    """The calls in the program's own part of a file."""
    for node in module.own():
        if not isinstance(node, ast.Call):
            continue
        partial = is_partial(node)
        root = callees.root(module, node if partial else node.func)
        if not root:
            continue
        given = {each.name: each for each in _arguments(module, callees, root, node, partial)}
        given |= {each.name: each for each in _unpacked(module, callees, node)}
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        dynamic = starred or any(
            each.arg is None and callees.mapping(module, each.value) is None
            for each in node.keywords
        )
        yield Called(root, node, given, dynamic, partial, module)


def _arguments(
    module: Module, callees: Callees, root: str, call: ast.Call, partial: bool
) -> Iterator[Slot]:
    last: object = None
    for position, value in enumerate(call.args[1:] if partial else call.args):
        if isinstance(value, ast.Starred):
            break
        named = last if isinstance(last, str) and last.isidentifier() else None
        name = callees.parameter(root, position) or named or _positional(value, position)
        last = value.value if isinstance(value, ast.Constant) else None
        yield Slot("argument", root, name, value, call, module)
    for each in call.keywords:
        if each.arg is not None:
            yield Slot("argument", root, each.arg, each.value, call, module)


def _unpacked(module: Module, callees: Callees, call: ast.Call) -> Iterator[Slot]:
    """What ``**options`` gives, where that is one mapping in the program's own text."""
    own = set(module.own())
    for each in call.keywords:
        found = callees.mapping(module, each.value) if each.arg is None else None
        if found is not None and found in own:
            yield from _entries(module, found)


def _positional(value: ast.expr, position: int) -> str:
    """What an argument of a library's function is called here: ``torch.float64`` says it itself.
    Behind a name, as in ``setdefault("NAME", "value")``, it is called by that."""
    if isinstance(value, ast.Attribute) and getattr(value.value, "id", "") == "torch":
        return _DATA_TYPE
    return f"argument {position + 1}"


def slots(module: Module, callees: Callees) -> Iterator[Slot]:
    """All but arguments."""
    for node in module.own():
        if isinstance(node, ast.Dict):
            yield from _entries(module, node)
        elif isinstance(node, ast.List | ast.Tuple):
            yield from _paired(module, node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _assigned(module, node, node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _assigned(module, node, node.target, node.value)
        elif isinstance(node, Function):
            yield from _of_function(module, callees, node)
        else:
            yield from _of_statement(module, callees, node)
            yield from _updated(module, node)


def _updated(module: Module, node: ast.AST) -> Iterator[Slot]:
    """Entries that a mapping is given by a call: ``dict(key=value)``, ``.update(key=value)``,
    ``.setdefault("key", value)``."""
    if not isinstance(node, ast.Call):
        return
    called = last_name(node.func)
    if called in _WITH_ENTRIES:
        for each in node.keywords:
            if each.arg is not None:
                yield Slot("entry", "", each.arg, each.value, node, module)
    elif called in _WITH_ENTRY and len(node.args) == 2:
        key, value = node.args
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Slot("entry", "", key.value, value, node, module)


def _of_statement(module: Module, callees: Callees, node: ast.AST) -> Iterator[Slot]:
    """Of classes, contexts and calls that stand alone."""
    if isinstance(node, ast.ClassDef):
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield Slot("value", "", keyword.arg, keyword.value, keyword, module)
    elif isinstance(node, ast.With):
        for item in node.items:
            entered = item.context_expr
            yield Slot("context", "", _root(module, callees, entered), entered, entered, module)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        root = callees.root(module, node.value.func)
        yield Slot("statement", "", root, node.value, node, module)


def _entries(module: Module, node: ast.Dict) -> Iterator[Slot]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Slot("entry", "", key.value, value, node, module)


def _paired(module: Module, node: ast.List | ast.Tuple) -> Iterator[Slot]:
    """Entries of a list of pairs, each of a name and its value."""
    for each in node.elts if len(node.elts) <= _MOST_PAIRS else ():
        if not isinstance(each, ast.List | ast.Tuple) or len(each.elts) != 2:
            continue
        name, value = each.elts
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield Slot("entry", "", name.value, value, node, module)


def _assigned(module: Module, node: ast.stmt, target: ast.expr, value: ast.expr) -> Iterator[Slot]:
    if isinstance(target, ast.Name):
        yield Slot("value", "", target.id, value, node, module)
    elif isinstance(target, ast.Attribute):
        yield Slot("value", "", target.attr, value, node, module)
    elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        yield Slot("entry", "", str(target.slice.value), value, node, module)


def _of_function(module: Module, callees: Callees, node: Function) -> Iterator[Slot]:
    given = node.args
    named = [*given.posonlyargs, *given.args][::-1]
    defaults: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(named, given.defaults[::-1], strict=False),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    for parameter, value in defaults:
        if value is not None:
            yield Slot("default", node.name, parameter.arg, value, parameter, module)
    returned = alone_returned(node)
    if returned is not None and returned.value is not None:
        yield Slot("returned", "", node.name, returned.value, returned, module)
    for each in node.decorator_list:
        root = _root(module, callees, each)
        yield Slot("decorator", node.name, root, each, each, module)


def alone_returned(node: Function) -> ast.Return | None:
    """The return of a function that is no more than that."""
    body = node.body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body[0] if len(body) == 1 and isinstance(body[0], ast.Return) else None


def _root(module: Module, callees: Callees, node: ast.expr) -> str:
    return callees.root(module, node.func if isinstance(node, ast.Call) else node)
