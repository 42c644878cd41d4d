"""The text of the functions that two programs ran: their expressions, and how they are told apart.

Columns are UTF-8 bytes, as ``ast`` and ``co_positions`` both count them.
"""

from __future__ import annotations

import ast
import functools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.reading import read_regular

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_COMPREHENSIONS: dict[str, type[ast.AST]] = {
    "<listcomp>": ast.ListComp,
    "<setcomp>": ast.SetComp,
    "<dictcomp>": ast.DictComp,
    "<genexpr>": ast.GeneratorExp,
    "<lambda>": ast.Lambda,
}
_LOCALS = "<locals>"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
_Range = tuple[int, int, int | None, int | None]


@dataclass(frozen=True)
class Scope:
    """A function, comprehension, class body or module of the file at ``path``; ``name`` is
    qualified."""

    path: str
    name: str
    node: ast.AST

    def frame(self, node: ast.AST) -> Frame:
        """The range of ``node``, which lies in the scope."""
        line, column, end_line, end_column = _range(node)
        first = first_line(self.node)
        return Frame(
            self.path, self.name, first, line, column, end_line or line, end_column or column
        )


class ProgramText:
    """Parses files once. A file that cannot be read or parsed has nothing to tell."""

    def __init__(self) -> None:
        self._parsed = functools.cache(_Parsed)
        self.scoped = functools.cache(self._scoped)

    def tree(self, path: str) -> ast.Module | None:
        """The syntax of the file."""
        return self._parsed(path).tree

    def _scoped(self, path: str) -> tuple[tuple[Scope, ast.AST], ...]:
        """The file's assignments (also ``x |= y``), calls and global statements, each with the
        function (or module) that it runs in."""
        module = self.module(path)
        kept = (ast.Assign, ast.AugAssign, ast.Expr, ast.Call, ast.Global)
        found = _inside(module, "") if module is not None else ()
        return tuple((scope, node) for scope, node in found if isinstance(node, kept))

    def scope(self, place: Frame) -> Scope | None:
        """The function (or comprehension, or module) whose code starts at ``place``."""
        last = place.function.rpartition(".")[2]
        parsed = self._parsed(place.path)
        if place.function == "<module>":
            return Scope(place.path, place.function, parsed.tree) if parsed.tree else None
        kind = _COMPREHENSIONS.get(last)
        found = [
            node
            for node in parsed.scopes
            if first_line(node) == place.first_line
            and ((kind and isinstance(node, kind)) or getattr(node, "name", None) == last)
        ]
        if not found:
            return None
        # Of several lambdas on one line that which holds the place.
        node = next((each for each in found[1:] if _holds(each, place)), found[0])
        return Scope(place.path, place.function, node)

    def number(self, place: Frame) -> int | None:
        """Which of the functions of its name, within the function around it, the one at ``place``
        is; lambdas have one name. None where it is not in the file."""
        scope = self.scope(place)
        if scope is None:
            return None
        outer = list(self.around(place.path, scope.node))[1:]
        around = next((each for each in outer if isinstance(each, _SCOPES)), None)
        alike = [
            node
            for node in (ast.walk(around) if around is not None else ())
            if type(node) is type(scope.node)
            and getattr(node, "name", None) == getattr(scope.node, "name", None)
        ]
        alike.sort(key=lambda node: _range(node)[:2])
        return alike.index(scope.node) if scope.node in alike else None

    def module(self, path: str) -> Scope | None:
        """The module itself."""
        tree = self.tree(path)
        return Scope(path, "<module>", tree) if tree is not None else None

    def class_scope(self, place: Frame) -> Scope | None:
        """The class whose text starts at ``place``."""
        for node in self._parsed(place.path).classes:
            if first_line(node) == place.first_line:
                return Scope(place.path, place.function, node)
        return None

    def expression(self, place: Frame) -> ast.expr | None:
        """The expression whose range is that of ``place``; of a ``with`` statement what it enters,
        as a tuple where that is more than one thing."""
        wanted = (place.line, place.column, place.end_line, place.end_column)
        found = self._parsed(place.path).expressions.get(wanted, [])
        calls: list[ast.expr] = [node for node in found if isinstance(node, ast.Call)]
        entered = self._parsed(place.path).entered.get(wanted)
        return next(reversed(calls or found), entered)

    def statement(self, path: str, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds ``node``."""
        return next((each for each in self.around(path, node) if isinstance(each, ast.stmt)), None)

    def around(self, path: str, node: ast.AST) -> Iterator[ast.AST]:
        """``node`` and what holds it, innermost first."""
        parents = self._parsed(path).parents
        inner: ast.AST | None = node
        while inner is not None:
            yield inner
            inner = parents.get(inner)

    def same_text(self, a: Frame, b: Frame) -> bool:
        """Whether the functions (or classes) at both places are written alike."""
        found = [self.scope(each) or self.class_scope(each) for each in (a, b)]
        if found[0] is None or found[1] is None:
            return False
        return same_syntax(found[0].node, found[1].node)


class _Parsed:
    """One file: its syntax, indexed."""

    def __init__(self, path: str) -> None:
        self.tree = _parse(path)
        nodes = list(ast.walk(self.tree)) if self.tree is not None else []
        inside = (*_COMPREHENSIONS.values(), ast.FunctionDef, ast.AsyncFunctionDef)
        self.scopes = [node for node in nodes if isinstance(node, inside)]
        self.classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
        self.parents = {inner: node for node in nodes for inner in ast.iter_child_nodes(node)}
        self.entered: dict[_Range, ast.expr] = {}
        for node in nodes:
            if isinstance(node, ast.With):
                entered = _entered(node)
                self.entered[_range(node)] = entered
                self.parents.setdefault(entered, node)
        self.expressions: dict[_Range, list[ast.expr]] = {}
        for node in nodes:
            if isinstance(node, ast.expr):
                for each in _ranges(node):
                    self.expressions.setdefault(each, []).append(node)


def _inside(scope: Scope, prefix: str) -> Iterator[tuple[Scope, ast.AST]]:
    """Every node of a scope and of the functions in it; ``prefix`` begins their qualified names."""
    pending = deque((each, prefix) for each in ast.iter_child_nodes(scope.node))
    while pending:
        node, inner = pending.popleft()
        yield scope, node
        if isinstance(node, Function):
            name = f"{inner}{node.name}"
            yield from _inside(Scope(scope.path, name, node), f"{name}.{_LOCALS}.")
            continue
        if isinstance(node, ast.ClassDef):
            inner = f"{inner}{node.name}."
        pending += [(each, inner) for each in ast.iter_child_nodes(node)]


def same_syntax(a: ast.AST, b: ast.AST) -> bool:
    """Whether two nodes are written alike, as far as Python can tell: not of a sum of a thousand
    terms."""
    try:
        return a is b or _dumped(a) == _dumped(b)
    except RecursionError:
        return False


def first_line(node: ast.AST) -> int:
    """The first line as code objects count it: that of the first decorator, 1 of a module."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 1), *(each.lineno for each in decorators)])


def parameters(function: Function | ast.Lambda) -> tuple[list[str], str | None, str | None]:
    """The names of the positional and keyword parameters, of ``*args`` and of ``**kwargs``."""
    given = function.args
    named = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return (
        named,
        given.vararg.arg if given.vararg is not None else None,
        given.kwarg.arg if given.kwarg is not None else None,
    )


def positions(function: Function | ast.Lambda) -> list[str]:
    """The parameters that may be given by position."""
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]


def is_lookup(node: ast.expr) -> bool:
    """Whether ``node`` is made of names, attributes and subscripts alone."""
    if isinstance(node, ast.Attribute):
        return is_lookup(node.value)
    if isinstance(node, ast.Subscript):
        key = node.slice
        return is_lookup(node.value) and (isinstance(key, ast.Constant) or is_lookup(key))
    return isinstance(node, ast.Name)


def looked_into(node: ast.expr) -> ast.expr:
    """What a chain of attributes and subscripts begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def with_base(node: ast.expr, base: ast.expr) -> ast.expr:
    """The chain ``node`` of attributes and subscripts, begun with ``base``."""
    if isinstance(node, ast.Attribute):
        return ast.Attribute(with_base(node.value, base), node.attr, ast.Load())
    if isinstance(node, ast.Subscript):
        return ast.Subscript(with_base(node.value, base), node.slice, ast.Load())
    return base


def is_generator(function: ast.AST) -> bool:
    """Whether a function yields, itself and not one within it."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return isinstance(function, Function)
        if not isinstance(node, Function | ast.Lambda):
            pending += ast.iter_child_nodes(node)
    return False


def is_method(name: str) -> bool:
    """Whether a function of this qualified name is defined in a class."""
    outer = name.rpartition(".")[0]
    return bool(outer) and not outer.endswith(_LOCALS)


def _parse(path: str) -> ast.Module | None:
    try:
        return ast.parse(read_regular(path), path)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # nested too deep
        return None


def _range(node: ast.AST) -> _Range:
    return (
        getattr(node, "lineno", 1),
        getattr(node, "col_offset", 0),
        getattr(node, "end_lineno", None),
        getattr(node, "end_col_offset", None),
    )


def _entered(node: ast.With) -> ast.expr:
    entered = [each.context_expr for each in node.items]
    return entered[0] if len(entered) == 1 else ast.copy_location(ast.Tuple(entered), entered[0])


def _holds(node: ast.AST, place: Frame) -> bool:
    line, column, end_line, end_column = _range(node)
    end = (end_line or line, end_column or column)
    return (line, column) <= (place.line, place.column) < end


def _ranges(node: ast.expr) -> Iterator[_Range]:
    """The ranges that the interpreter may give: of a method's call also from its name on, where a
    chain runs over several lines."""
    yield _range(node)
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        line, column = function.end_lineno or 0, function.end_col_offset or 0
        yield line, column - len(function.attr.encode()), node.end_lineno, node.end_col_offset


@functools.cache
def _dumped(node: ast.AST) -> str:
    return ast.dump(node)
