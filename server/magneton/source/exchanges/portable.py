"""What an expression of one program is in the other: with its names resolved, and folded."""

from __future__ import annotations

import ast
import builtins
import copy
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .callees import is_partial
from .own import Module
from .parameters import given_everywhere

_FURTHEST = 6  # names behind names
_MOST = 10**12  # of what is reckoned
_FOLDED: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
Bound = dict[str, str | ast.Assign | None]
"""By name: the import that binds it, the one assignment to it, None for anything else."""


@dataclass(frozen=True)
class Portable:
    """An expression that stands for itself in another module once that has ``imports``."""

    node: ast.expr
    imports: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return ast.unparse(self.node)


class Names:
    """What the names of ``module`` are, as far as its text tells."""

    def __init__(self, module: Module) -> None:
        self._bound = _bound(module.tree)

    def given(self, expression: ast.expr) -> tuple[str, ast.expr, ast.AST] | None:
        """What gives a name, or an entry of a mapping that has a name, its value: what that is
        called, the value, and the assignment or mapping that holds it; None of anything else."""
        if isinstance(expression, ast.Name):
            bound = self._bound.get(expression.id)
            return (expression.id, bound.value, bound) if isinstance(bound, ast.Assign) else None
        if isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Constant):
            known = self.given(expression.value)
            if known is not None and isinstance(known[1], ast.Dict):
                return _entry(known[1], expression.slice.value)
        return None

    def is_import(self, name: str) -> bool:
        """Whether it is what an import binds."""
        return isinstance(self._bound.get(name), str)

    def resolved(self, expression: ast.expr) -> ast.expr:
        """``expression`` with what its names are assigned in their place, as far as that is known,
        and reckoned out."""
        found: ast.expr = _Resolved(self._bound).visit(copy.deepcopy(expression))
        folded: ast.expr = _Folded().visit(found)
        return folded

    def portable(self, expression: ast.expr, to: Names) -> Portable | None:
        """``expression`` as it can be written in the module of ``to``; None where a name in it
        means nothing there."""
        node = self.resolved(expression)
        imports = []
        inner = {each for each in _own_names(node)}
        for name in sorted(_read(node) - inner):
            known = self._bound.get(name)
            if name not in self._bound:
                if name in to._bound or not hasattr(builtins, name):
                    return None
            elif not isinstance(known, str) or to._bound.get(name, known) != known:
                return None
            elif name not in to._bound:
                imports.append(known)
        return Portable(node, tuple(imports))


def same(one: ast.expr, other: ast.expr) -> bool:
    """Whether two resolved expressions are one value: alike, or equal numbers."""
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        values = one.value, other.value
        if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
            return bool(values[0] == values[1])
    return ast.dump(one) == ast.dump(other)


class _Resolved(ast.NodeTransformer):
    def __init__(self, bound: Bound, depth: int = 0) -> None:
        self._bound, self._depth = bound, depth

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = self._bound.get(node.id)
        if not isinstance(known, ast.Assign) or self._depth >= _FURTHEST:
            return node
        inner = _Resolved(self._bound, self._depth + 1)
        found: ast.expr = inner.visit(copy.deepcopy(known.value))
        return found


class _Folded(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        reckon = _FOLDED.get(type(node.op))
        values = [_number(node.left), _number(node.right)]
        if reckon is None or values[0] is None or values[1] is None:
            return node
        try:
            found = reckon(values[0], values[1])
        except ArithmeticError:
            return node
        return ast.Constant(found) if abs(found) < _MOST else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Dict) and isinstance(node.slice, ast.Constant):
            known = _entry(node.value, node.slice.value)
            return known[1] if known is not None else node
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        value = _number(node.operand)
        if isinstance(node.op, ast.USub) and value is not None:
            return ast.Constant(-value)
        return node


def _entry(mapping: ast.Dict, key: object) -> tuple[str, ast.expr, ast.AST] | None:
    for each, value in zip(mapping.keys, mapping.values, strict=True):
        if isinstance(each, ast.Constant) and each.value == key:
            return str(key), value, mapping
    return None


def _number(node: ast.expr) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _read(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _own_names(node: ast.expr) -> Iterator[str]:
    """Names that the expression itself binds."""
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            yield each.arg
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id


def _bound(tree: ast.Module) -> Bound:
    """What each name of the file is; of one that is bound more than once nothing is known."""
    found: Bound = {}
    for name, what in _bindings(tree):
        found[name] = what if name not in found or found[name] == what else None
    return found


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str | ast.Assign | None]]:
    taken = set()
    given = given_everywhere(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            if isinstance(node.targets[0], ast.Name) and not _makes(node.value):
                taken.add(node.targets[0])
                yield node.targets[0].id, node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, None
        elif isinstance(node, ast.arg):
            yield node.arg, _as_assigned(node, given.get(node))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in taken:
            yield node.id, None


def _as_assigned(parameter: ast.arg, value: ast.expr | None) -> ast.Assign | None:
    """What the parameter is given, as if it were assigned there."""
    if value is None or _makes(value):
        return None
    target = ast.Name(parameter.arg, ast.Store())
    return ast.copy_location(ast.Assign([target], value), value)


def _makes(value: ast.expr) -> bool:
    """Whether something may come out otherwise each time that it is evaluated. A partial does
    not."""
    makes = (each for each in ast.walk(value) if isinstance(each, ast.Call | ast.Await | ast.Yield))
    return any(not (isinstance(each, ast.Call) and is_partial(each)) for each in makes)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        name = alias.asname or alias.name
        written = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
        if isinstance(node, ast.Import):
            yield name.partition(".")[0], f"import {written}"
        else:
            yield name, f"from {'.' * node.level}{node.module or ''} import {written}"
