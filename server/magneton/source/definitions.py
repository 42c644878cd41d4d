"""What gave a name its value, within the text of one function, class or module."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from .patterns import captured
from .program import Comprehension, Function, ProgramText, Scope, is_lookup, parameters
from .statements import blocks, may_leave
from .versions import PARAMETER, Versions


@dataclass(frozen=True)
class Definition:
    """A statement that gives a name ``value``; None where it defines a function or class, or
    imports one. ``imported`` is what it imports: module, number of dots, name."""

    statement: ast.stmt
    value: ast.expr | None
    imported: tuple[str, int, str | None] | None = None


@dataclass(frozen=True)
class Definitions:
    """What may have given a name its value; ``parameter`` says that its function was entered
    with it."""

    found: tuple[Definition, ...]
    parameter: bool


class Definers:
    """Follows names within functions, each of which it walks through once."""

    def __init__(self, text: ProgramText) -> None:
        self._text = text
        self._versions = functools.cache(Versions)

    def definitions(self, scope: Scope, name: str, at: ast.stmt | None) -> Definitions:
        """What gave ``name`` the value that statement ``at`` reads, or the last where that is
        None; nothing where the name is another scope's."""
        node = scope.node
        if isinstance(node, ast.Lambda):
            every, more, rest = parameters(node)
            return Definitions((), name in (*every, more, rest))
        if not isinstance(node, Function):
            return Definitions(tuple(_giving(getattr(node, "body", []), name))[-1:], False)
        lines = self._versions(node).of(name, at)
        found = [each for each in _giving(node.body, name) if each.statement.lineno in lines]
        if not lines:
            found = [each for each in _giving(node.body, name) if each.value is None]
        return Definitions(tuple(found), PARAMETER in lines)


def comprehension_source(node: Comprehension, name: str) -> ast.expr | None:
    """What ``name`` runs through in a comprehension."""
    for each in node.generators:
        if any(isinstance(t, ast.Name) and t.id == name for t in ast.walk(each.target)):
            return each.iter
    return None


def comprehension_parts(node: Comprehension) -> list[ast.expr]:
    """What a comprehension goes through, and what else of the function around it it computes
    with."""
    parts = [each.iter for each in node.generators]
    bound = {
        target.id
        for each in node.generators
        for target in ast.walk(each.target)
        if isinstance(target, ast.Name)
    }
    inside: list[ast.AST] = [test for each in node.generators for test in each.ifs]
    inside += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    found = [name for each in inside for name in _looked_up(each, bound)]
    unique = {ast.unparse(each): each for each in reversed(found)}
    outer = [each for each in parts if not _names_any(each, bound)]
    return [*outer, *reversed(unique.values())]


def _looked_up(node: ast.AST, bound: set[str]) -> Iterator[ast.expr]:
    """The look-ups in ``node`` that need none of the names ``bound``, each as a whole."""
    if isinstance(node, ast.expr) and is_lookup(node) and not _names_any(node, bound):
        yield node
        return
    for each in ast.iter_child_nodes(node):
        yield from _looked_up(each, bound)


def _names_any(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(node))


def attribute_values(scope: Scope, owner: str, name: str) -> list[Definition]:
    """The statements of a function that set ``owner.name``."""
    body = getattr(scope.node, "body", [])
    return [
        Definition(statement, value)
        for statement in _statements(body)
        for target, value in _assigned(statement)
        if isinstance(target, ast.Attribute)
        and target.attr == name
        and ast.unparse(target.value) == owner
    ]


def name_values(scope: Scope, name: str) -> list[tuple[ast.stmt, ast.expr]]:
    """The statements of a function that set ``name``, with the values."""
    body = getattr(scope.node, "body", [])
    return [(each.statement, each.value) for each in _giving(body, name) if each.value is not None]


def guards(text: ProgramText, path: str, node: ast.AST) -> list[ast.expr]:
    """The conditions on which ``node`` is reached within its function, the outermost first: those
    around it, and those of statements before it that may leave."""
    found: list[ast.expr] = []
    inner = node
    for outer in text.around(path, node):
        if isinstance(outer, ast.If | ast.While | ast.IfExp) and inner is not outer.test:
            found.append(outer.test)
        if isinstance(outer, ast.Match):
            found.append(outer.subject)
        block = next((each for each in _blocks(outer) if inner in each), [])
        for before in block:
            if before is inner:
                break
            if isinstance(before, ast.If | ast.Match) and may_leave(before):
                found.append(before.test if isinstance(before, ast.If) else before.subject)
        if isinstance(outer, Function | ast.Lambda | ast.Module | ast.ClassDef):
            break
        inner = outer
    return found[::-1]


def loops(text: ProgramText, path: str, node: ast.AST) -> list[ast.expr]:
    """What the loops around ``node`` in its function run through or go by, the innermost first; of
    what ends a loop also each name and attribute, as it may be reckoned anew in every round."""
    found: list[ast.expr] = []
    for outer in text.around(path, node):
        if isinstance(outer, ast.For | ast.AsyncFor) and node is not outer.iter:
            found += [outer.iter, *_ending(outer)]
        if isinstance(outer, ast.While) and node is not outer.test:
            found += [outer.test, *_read(outer.test), *_ending(outer)]
        if isinstance(outer, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            found += [each.iter for each in outer.generators]
        if isinstance(outer, Function | ast.Lambda | ast.Module):
            break
    return found


def _ending(loop: ast.For | ast.AsyncFor | ast.While) -> Iterator[ast.expr]:
    """What is read by the conditions on which the loop is left."""
    for inner in _statements(loop.body):
        if isinstance(inner, ast.If) and any(
            isinstance(each, ast.Break | ast.Return) for each in _statements([inner])
        ):
            yield from _read(inner.test)


def _read(node: ast.expr) -> Iterator[ast.expr]:
    """The names and attributes that an expression computes with, and not what it calls."""
    if isinstance(node, ast.Name | ast.Attribute):
        yield node
        return
    called = node.func if isinstance(node, ast.Call) else None
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.expr) and inner is not called:
            yield from _read(inner)


def returned(scope: Scope) -> list[tuple[ast.stmt, ast.expr]]:
    """What a function returns."""
    body = getattr(scope.node, "body", [])
    if isinstance(scope.node, ast.Lambda):
        return []
    return [
        (each, each.value)
        for each in _statements(body)
        if isinstance(each, ast.Return) and each.value is not None
    ]


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return blocks(node) if isinstance(node, ast.stmt | ast.Module) else []  # type: ignore[arg-type]


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if not isinstance(statement, Function | ast.ClassDef):
            for block in blocks(statement):
                yield from _statements(block)


def _giving(body: list[ast.stmt], name: str) -> Iterator[Definition]:
    for statement in _statements(body):
        for target, value in _assigned(statement):
            if isinstance(target, ast.Name) and target.id == name:
                yield Definition(statement, value)
        if isinstance(statement, Function | ast.ClassDef) and statement.name == name:
            yield Definition(statement, None)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imported(statement, name)


def _imported(statement: ast.Import | ast.ImportFrom, name: str) -> Iterator[Definition]:
    for alias in statement.names:
        if (alias.asname or alias.name.partition(".")[0]) != name:
            continue
        if isinstance(statement, ast.ImportFrom):
            what: tuple[str, int, str | None] = (
                statement.module or "",
                statement.level,
                alias.name,
            )
        else:
            what = (alias.name, 0, None)
        yield Definition(statement, None, what)


def _assigned(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets that ``statement`` itself assigns, and the values."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.AugAssign(target=target, op=operation, value=value):
            read = ast.parse(ast.unparse(target), mode="eval").body
            yield target, ast.copy_location(ast.BinOp(read, operation, value), value)
        case ast.Match():
            yield from ((ast.Name(name, ast.Store()), each) for name, each in captured(statement))
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            yield from ((each, value) for each in _names(target))
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from ((x.optional_vars, x.context_expr) for x in items if x.optional_vars)
    for node in _named(statement):
        yield node.target, node.value


def _named(statement: ast.stmt) -> list[ast.NamedExpr]:
    own = [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr)]
    return [node for each in own for node in ast.walk(each) if isinstance(node, ast.NamedExpr)]


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if not isinstance(target, ast.Tuple | ast.List):
        yield target, value
        return
    given = value.elts if isinstance(value, ast.Tuple | ast.List) else None
    for number, each in enumerate(target.elts):
        if given is not None and len(given) == len(target.elts):
            yield from _unpacked(each, given[number])
        else:
            part = ast.Subscript(value, ast.Constant(number), ast.Load())
            yield from _unpacked(each, ast.copy_location(part, value))


def _names(target: ast.expr) -> list[ast.expr]:
    return [node for node in ast.walk(target) if isinstance(node, ast.Name)]
