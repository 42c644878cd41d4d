"""Sets a framework setting where the program begins: in the factory, or after the imports."""

from __future__ import annotations

import libcst as cst

from magneton_agent.schema.setters import SETTERS

from .module import SourceModule
from .names import qualified_chain, spelled
from .values import is_literal, written
from .wish import Rewrite, Wish

_ATTRIBUTES = "torch.backends."
_Suite = cst.Module | cst.IndentedBlock


def rewrite(wish: Wish) -> Rewrite | None:
    """The entry's file with the one statement changed that sets it, else with one more."""
    if wish.kind != "setting" or wish.entry is None:
        return None
    module, name = wish.entry
    suite = _suite(module.tree, name)
    setter = SETTERS.get(wish.name, wish.name)
    if suite is None or not (wish.name in SETTERS or _is_attribute(wish.name)):
        return None
    value = written(wish.efficient_value, module, suite.body[0])
    set_there = _set_in(module, setter, wish.wasteful_value)
    if value is None or len(set_there) > 1:
        return None
    if set_there:
        text = module.replaced(set_there[0], cst.parse_expression(value))
        return Rewrite(f"set {_line(setter, wish.name, value)}", module, text)
    spelling = spelled(setter, module, suite.body[0])
    if spelling is None:
        return None
    line = _line(spelling, wish.name, value)
    return Rewrite(f"set {line}", module, _with_line(module, suite, line))


def _is_attribute(name: str) -> bool:
    return name.startswith(_ATTRIBUTES) and not name.endswith(")")


def _line(spelling: str, name: str, value: str) -> str:
    return f"{spelling}({value})" if name in SETTERS else f"{spelling} = {value}"


def _suite(tree: cst.Module, name: str | None) -> _Suite | None:
    """Where the program begins: the body of the last function of that name, or of the file."""
    if name is None:
        return tree if tree.body else None
    found = [
        each.body
        for each in tree.body
        if isinstance(each, cst.FunctionDef) and each.name.value == name
    ]
    return found[-1] if found and isinstance(found[-1], cst.IndentedBlock) else None


def _set_in(module: SourceModule, setter: str, value: str) -> list[cst.BaseExpression]:
    """Where the file sets it to the wasteful value."""
    found = [
        call.args[0].value
        for call in module.all(cst.Call)
        if len(call.args) == 1 and qualified_chain(call.func, module) == setter
    ]
    found += [
        statement.value
        for statement in module.all(cst.Assign)
        if [qualified_chain(each.target, module) for each in statement.targets] == [setter]
    ]
    return [each for each in found if is_literal(each, value, module)]


def _with_line(module: SourceModule, suite: _Suite, line: str) -> str:
    place = 1 if _is_docstring(suite.body[0]) else 0
    statement = cst.parse_statement(line)
    while place < len(suite.body) and _is_import(suite.body[place]):
        place += 1
    if isinstance(suite, cst.Module):
        statement = statement.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    body = [*suite.body[:place], statement, *suite.body[place:]]
    return module.replaced(suite, suite.with_changes(body=body))


def _is_docstring(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(
        node.body[0], cst.Import | cst.ImportFrom
    )
