"""What calls are of: the functions behind names, and the parameters of the user's own."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from .own import Module

_FURTHEST = 6  # names behind names
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PARTIAL = "partial"


class Callees:
    """Of the files of both programs: what their calls are of, told by names alone."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._bound = {module.path: dict(_bindings(module.tree)) for module in modules}
        self._defined: dict[str, list[tuple[str, ast.expr | None]]] = {}
        for module in modules:
            for name, parameters in _signatures(module.tree):
                self._defined.setdefault(name, parameters)

    def root(self, module: Module, function: ast.expr, depth: int = 0) -> str:
        """The last name of what is called, through partials and other names of it; empty where that
        has none."""
        if depth < _FURTHEST and isinstance(function, ast.Call) and is_partial(function):
            return self.root(module, function.args[0], depth + 1)
        if isinstance(function, ast.Attribute):
            return function.attr
        if not isinstance(function, ast.Name):
            return ""
        behind = self._bound[module.path].get(function.id)
        if isinstance(behind, str):
            return behind
        if behind is None or isinstance(behind, ast.Dict) or depth >= _FURTHEST:
            return function.id
        return self.root(module, behind, depth + 1) or function.id

    def mapping(self, module: Module, value: ast.expr) -> ast.Dict | None:
        """The mapping that a name stands for, where it is written out."""
        known = self._bound[module.path].get(value.id) if isinstance(value, ast.Name) else value
        return known if isinstance(known, ast.Dict) else None

    def is_users(self, root: str) -> bool:
        """Whether one of the files defines it."""
        return root in self._defined

    def parameter(self, root: str, position: int) -> str | None:
        """The name of a positional parameter, None where that is not known."""
        known = self._defined.get(root, [])
        return known[position][0] if position < len(known) else None

    def names(self, root: str) -> list[str]:
        """Those of all its parameters."""
        return [name for name, _ in self._defined.get(root, [])]

    def default(self, root: str, name: str) -> ast.expr | None:
        """What ``name`` is where a call leaves it."""
        return dict(self._defined.get(root, [])).get(name)


def is_partial(call: ast.Call) -> bool:
    """Whether this is ``partial(function, ...)``."""
    return (
        last_name(call.func) == _PARTIAL
        and bool(call.args)
        and not isinstance(call.args[0], ast.Starred)
    )


def last_name(function: ast.expr) -> str:
    """``c`` of ``a.b.c``; empty where it has no name."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str | ast.expr]]:
    """Names that stand for something else: the name behind an import, or what is assigned."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((a.asname, a.name) for a in node.names if a.asname is not None)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            partial = isinstance(value, ast.Call) and is_partial(value)
            if isinstance(target, ast.Name) and (
                partial or isinstance(value, ast.Name | ast.Attribute | ast.Dict)
            ):
                yield target.id, value


def _signatures(tree: ast.Module) -> Iterator[tuple[str, list[tuple[str, ast.expr | None]]]]:
    """Functions, methods (without what they are called on) and classes, with their parameters."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    inside = {id(each) for node in classes.values() for each in node.body}
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            yield (
                node.name,
                _parameters(node)[1 if id(node) in inside and _takes_self(node) else 0 :],
            )
        elif isinstance(node, ast.ClassDef):
            yield node.name, _constructor(node, classes, 0)


def _takes_self(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return not any(getattr(each, "id", "") == "staticmethod" for each in node.decorator_list)


def _constructor(
    node: ast.ClassDef, classes: dict[str, ast.ClassDef], depth: int
) -> list[tuple[str, ast.expr | None]]:
    """The parameters of ``__init__``, else the fields, those of known bases first."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            return _parameters(each)[1:]
    found: dict[str, ast.expr | None] = {}
    for base in node.bases:
        known = classes.get(base.id) if isinstance(base, ast.Name) else None
        if known is not None and known is not node and depth < _FURTHEST:
            found |= dict(_constructor(known, classes, depth + 1))
    found |= dict(_fields(node.body))
    return list(found.items())


def _fields(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    for each in body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id, each.value


def _parameters(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> list[tuple[str, ast.expr | None]]:
    given = node.args
    named = [*given.posonlyargs, *given.args]
    without = [None] * (len(named) - len(given.defaults))
    pairs = [
        *zip(named, [*without, *given.defaults], strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    return [(each.arg, default) for each, default in pairs]
