"""A file's text with one thing exchanged, which is tried and never written."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from .own import Module
from .portable import Portable
from .slots import Called, Slot

NO_DECORATOR = "(lambda function: function)"
NO_CONTEXT = "__import__('contextlib').nullcontext()"
_STATEMENT = "pass"


@dataclass(frozen=True)
class _Part:
    """Bytes of the text, and what stands for them."""

    start: int
    end: int
    text: str


def replaced(slot: Slot, value: Portable) -> str:
    """With another value for ``slot``."""
    return _text(slot.module, _at(slot.module, slot.value, f"({value.text})"), value.imports)


def without(slot: Slot) -> str | None:
    """Without what ``slot`` gives; None where that cannot be left out."""
    module = slot.module
    if slot.kind == "entry" and slot.value in getattr(slot.node, "args", ()):
        return None  # ``setdefault(name)`` would set it all the same
    if slot.kind in ("argument", "entry") and isinstance(slot.node, ast.Call):
        return _text(module, _at(module, slot.node, _without_argument(slot.node, slot.value)))
    if slot.kind == "entry" and isinstance(slot.node, ast.Dict):
        return _text(module, _at(module, slot.node, _without_entry(slot.node, slot.value)))
    if slot.kind == "entry" and isinstance(slot.node, ast.List | ast.Tuple):
        return _text(module, _at(module, slot.node, _without_pair(slot.node, slot.value)))
    if slot.kind == "decorator":
        return _text(module, _at(module, slot.node, NO_DECORATOR))
    if slot.kind == "context":
        return _text(module, _at(module, slot.node, NO_CONTEXT))
    if isinstance(slot.node, ast.stmt):
        return left_out(module, slot.node)
    return None


def left_out(module: Module, statement: ast.stmt) -> str:
    """Without a statement (a function with its decorators)."""
    part = _at(module, statement, _STATEMENT)
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    if decorators:
        first = min(decorators, key=lambda each: each.lineno)
        start = _offset(module, first.lineno, first.col_offset)
        at_sign = module.text.encode().rindex(b"@", 0, start)
        part = _Part(at_sign, part.end, part.text)
    return _text(module, part)


def by_part(module: Module, node: ast.expr, part: ast.expr) -> str:
    """With ``part`` of an expression in its place."""
    return rewritten(module, node, f"({ast.unparse(part)})")


def rewritten(module: Module, node: ast.expr, text: str) -> str:
    """With ``text`` in the place of an expression."""
    return _text(module, _at(module, node, text))


def with_argument(found: Called, name: str, value: Portable) -> str:
    """With one more argument."""
    call = copy.deepcopy(found.call)
    call.keywords.append(ast.keyword(name, value.node))
    return _text(found.module, _at(found.module, found.call, ast.unparse(call)), value.imports)


def with_entry(module: Module, node: ast.Dict, name: str, value: Portable) -> str:
    """With one more entry of a mapping."""
    more = copy.deepcopy(node)
    more.keys.append(ast.Constant(name))
    more.values.append(value.node)
    return _text(module, _at(module, node, ast.unparse(more)), value.imports)


def with_decorator(
    module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef, value: Portable
) -> str:
    """With one more decorator of a function, the innermost."""
    at = _offset(module, node.lineno, 0)
    indent = " " * node.col_offset
    return _text(module, _Part(at, at, f"{indent}@{value.text}\n"), value.imports)


def with_attribute(module: Module, node: ast.ClassDef, name: str, value: Portable) -> str:
    """With one more attribute of a class, behind its docstring, on a line that is there: no line
    gets another number."""
    first = node.body[0]
    given = f"{name} = {value.text}"
    if ast.get_docstring(node, clean=False) is not None:
        at = _offset(module, *span(first)[2:])
        return _text(module, _Part(at, at, f"; {given}"), value.imports)
    if hasattr(first, "body"):  # it needs a line of its own
        decorators: list[ast.expr] = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(each.lineno for each in decorators)])
        at = _offset(module, line, 0)
        lead = module.text.split("\n")[line - 1]
        indent = lead[: len(lead) - len(lead.lstrip())]
        return _text(module, _Part(at, at, f"{indent}{given}\n"), value.imports)
    at = _offset(module, first.lineno, first.col_offset)
    return _text(module, _Part(at, at, f"{given}; "), value.imports)


def _without_argument(call: ast.Call, value: ast.expr) -> str:
    """The call without the argument; of those by position also without the ones behind it."""
    if value in call.args:
        args, keywords = call.args[: call.args.index(value)], call.keywords
    else:
        args, keywords = call.args, [each for each in call.keywords if each.value is not value]
    return ast.unparse(ast.Call(call.func, args, keywords))


def _without_entry(node: ast.Dict, value: ast.expr) -> str:
    kept = [number for number, each in enumerate(node.values) if each is not value]
    return ast.unparse(ast.Dict([node.keys[i] for i in kept], [node.values[i] for i in kept]))


def _without_pair(node: ast.List | ast.Tuple, value: ast.expr) -> str:
    kept = [each for each in node.elts if value not in getattr(each, "elts", ())]
    return ast.unparse(type(node)(kept, ast.Load()))


def _at(module: Module, node: ast.AST, text: str) -> _Part:
    line, column, end_line, end_column = span(node)
    return _Part(_offset(module, line, column), _offset(module, end_line, end_column), text)


def span(node: ast.AST) -> tuple[int, int, int, int]:
    """Where a node stands: lines from 1, columns in UTF-8 bytes."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end_line = getattr(node, "end_lineno", None) or line
    return line, column, end_line, getattr(node, "end_col_offset", None) or column


def _offset(module: Module, line: int, column: int) -> int:
    before = module.text.split("\n")[: line - 1]
    return sum(len(each.encode()) + 1 for each in before) + column


def _text(module: Module, part: _Part, imports: tuple[str, ...] = ()) -> str:
    """Imports are put on the line of the first statement: no line gets another number."""
    content = module.text.encode()
    changed = content[: part.start] + part.text.encode() + content[part.end :]
    if not imports:
        return changed.decode()
    at = _offset(module, *_first_statement(module.tree))
    lead = "; ".join(imports) + "\n"
    return (changed[:at] + lead.encode() + changed[at:]).decode()


def _first_statement(tree: ast.Module) -> tuple[int, int]:
    """Where imports can stand: behind the docstring and imports from ``__future__``."""
    for each in tree.body:
        is_text = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        is_future = isinstance(each, ast.ImportFrom) and each.module == "__future__"
        if not (is_text or is_future):
            decorators: list[ast.expr] = getattr(each, "decorator_list", [])
            return min([each.lineno, *(node.lineno for node in decorators)]), 0
    return 1, 0
