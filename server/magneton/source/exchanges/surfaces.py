"""What of a class or a function is no code: what a developer sets in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .slots import Function, alone_returned

_ASSIGNED = (ast.Assign, ast.AnnAssign)
_CONSTRUCTOR = ("__init__", "__post_init__")


def surface(node: ast.AST) -> ast.AST:
    """Of a class attributes, and of its methods what they are decorated with, defaults, what they
    return if that is all, and what a constructor sets and hands on; of a function decorators. The
    nodes are those of ``node``; anything else is given back as it is."""
    if isinstance(node, ast.ClassDef):
        return ast.Module([*_of_class(node)], [])
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ast.Expr(ast.Tuple(list(node.decorator_list), ast.Load()))
    return node


def attributes(node: ast.ClassDef) -> dict[str, ast.Assign | ast.AnnAssign]:
    """The statements in a class that give one attribute each, by their names."""
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for each in node.body:
        if isinstance(each, _ASSIGNED):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            if len(targets) == 1 and isinstance(targets[0], ast.Name):
                found[targets[0].id] = each
    return found


def bound_names(node: ast.ClassDef) -> set[str]:
    """All that a class has by itself, however it is given."""
    found = {name for name in attributes(node)}
    for each in node.body:
        named = isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named:
            found.add(getattr(each, "name", ""))
            continue
        found |= {
            name.id
            for name in ast.walk(each)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
    return found


def _of_class(node: ast.ClassDef) -> Iterator[ast.stmt]:
    for each in node.body:
        if isinstance(each, _ASSIGNED):
            yield each
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.Expr(ast.Tuple(list(each.decorator_list), ast.Load()))
            # What it is decorated with is no default of it.
            yield ast.FunctionDef(each.name, each.args, [*_set_in(each)], [], None)


def _set_in(node: Function) -> Iterator[ast.stmt]:
    returned = alone_returned(node)
    if returned is not None and returned.value is not None and _is_plain(returned.value):
        yield returned
    for each in node.body if node.name in _CONSTRUCTOR else ():
        hands_on = isinstance(each, ast.Expr) and "super()" in ast.unparse(each)
        if hands_on or (isinstance(each, ast.Assign) and _is_plain(each.value)):
            yield each


def _is_plain(value: ast.expr) -> bool:
    """Whether it is a value by itself: nothing is computed."""
    plain = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.UnaryOp)
    return all(
        isinstance(each, (*plain, ast.expr_context, ast.unaryop)) for each in ast.walk(value)
    )
