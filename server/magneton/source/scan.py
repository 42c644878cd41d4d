"""What the top level of a source file holds, found by libcst without running anything."""

from __future__ import annotations

import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from .names import Names
from .nesting import nests_too_deep
from .text import split_lines

_UNREADABLE = (
    cst.ParserSyntaxError,
    SyntaxError,
    tokenize.TokenError,
    UnicodeError,
    RecursionError,
)


class UnreadableError(ValueError):
    """The text is not Python that libcst can parse, or nests too deep for it."""


def parse_module(text: str) -> cst.Module:
    """``text`` parsed by libcst, which would end the process where it nests too deep.

    Raises:
        UnreadableError: it cannot be parsed.
    """
    try:
        if nests_too_deep(text):
            raise UnreadableError("it nests too deep")
        return cst.parse_module(text)
    except _UNREADABLE as error:
        raise UnreadableError(str(error)) from error


@dataclass(frozen=True)
class Function:
    """A top-level function: where its name stands (1-based line, 0-based code point column) and
    which parameters have no default."""

    name: str
    line: int
    column: int
    required: tuple[str, ...]
    is_async: bool


@dataclass(frozen=True)
class Outline:
    """``bound`` are the names that the top level binds; ``open`` says that there may be more (a
    star import, a module ``__getattr__``). Of functions of one name the last counts."""

    functions: dict[str, Function]
    bound: frozenset[str]
    open: bool
    imports_torch: bool

    def callable_functions(self) -> tuple[Function, ...]:
        """Those that can be called without arguments and are no coroutines, in file order."""
        return tuple(f for f in self.functions.values() if not f.required and not f.is_async)


def outline(text: str) -> Outline:
    """The outline of a source file's ``text``.

    Raises:
        UnreadableError: it cannot be parsed.
    """
    # One kind of line end, so that lines can be counted in the code of single nodes.
    module = parse_module("\n".join(split_lines(text)))
    try:
        return _outline(module)
    except RecursionError as error:  # a sum of some hundred terms
        raise UnreadableError(str(error)) from error


def _outline(module: cst.Module) -> Outline:
    names = Names()
    module.visit(names)
    functions = {function.name: function for function in _functions(module)}
    return Outline(
        functions=dict(sorted(functions.items(), key=lambda item: item[1].line)),
        bound=frozenset(names.bound),
        open=names.star or "__getattr__" in functions,
        imports_torch=names.imports_torch,
    )


def _functions(module: cst.Module) -> Iterator[Function]:
    line = 1 + _line_ends(module, module.header)
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            above = (
                *statement.leading_lines,
                *statement.decorators,
                *statement.lines_after_decorators,
            )
            yield _function(module, statement, line + _line_ends(module, above))
        line += _line_ends(module, [statement])


def _function(module: cst.Module, node: cst.FunctionDef, line: int) -> Function:
    is_async = node.asynchronous is not None
    words = "def" + module.code_for_node(node.whitespace_after_def)
    if node.asynchronous is not None:
        words = module.code_for_node(node.asynchronous) + words
    parameters = (
        *node.params.posonly_params,
        *node.params.params,
        *node.params.kwonly_params,
    )
    return Function(
        name=node.name.value,
        line=line,
        column=len(words),
        required=tuple(p.name.value for p in parameters if p.default is None),
        is_async=is_async,
    )


def _line_ends(module: cst.Module, nodes: Iterable[cst.CSTNode]) -> int:
    return sum(module.code_for_node(node).count("\n") for node in nodes)
