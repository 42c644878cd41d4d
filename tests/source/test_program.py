"""Functions and expressions of source files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from magneton.source.program import (
    ProgramText,
    is_lookup,
    is_method,
    parameters,
    positions,
)
from magneton_agent.schema.location import Frame

TEXT = """\
import x


@x.decorated(3)
def outer(a, b=1, *more, c, d=2, **rest):
    def inner():
        return [a for _ in b]

    return (
        x.chain(a)
        .then(b)
    )


class Net:
    def forward(self):
        return self.é(1)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "program.py").write_text(TEXT, "utf-8")
    return str(tmp_path / "program.py")


def place(path: str, function: str, first_line: int, *columns: int) -> Frame:
    line, column, end_line, end_column = columns or (first_line, 0, first_line, 0)
    return Frame(path, function, first_line, line, column, end_line, end_column)


@pytest.mark.parametrize(
    ("function", "first_line", "kind"),
    [
        ("outer", 4, ast.FunctionDef),
        ("outer.<locals>.inner", 6, ast.FunctionDef),
        ("outer.<locals>.inner.<locals>.<listcomp>", 7, ast.ListComp),
        ("Net.forward", 16, ast.FunctionDef),
        ("<module>", 1, ast.Module),
    ],
)
def test_scopes(function: str, first_line: int, kind: type[ast.AST], path: str) -> None:
    scope = ProgramText().scope(place(path, function, first_line))
    assert scope is not None
    assert isinstance(scope.node, kind)
    assert scope.frame(scope.node).first_line == first_line


def test_what_is_not_there_has_no_scope(path: str) -> None:
    text = ProgramText()
    assert text.scope(place(path, "outer", 5)) is None
    assert text.scope(place(path, "other", 4)) is None
    assert text.scope(place("/none.py", "outer", 4)) is None
    assert text.module("/none.py") is None


def test_expressions_by_their_range(path: str) -> None:
    text = ProgramText()
    call = text.expression(place(path, "Net.forward", 16, 17, 15, 17, 25))
    assert call is not None
    assert ast.unparse(call) == "self.é(1)"
    chained = text.expression(place(path, "outer", 4, 11, 9, 11, 16))  # from the method's name on
    assert chained is not None
    assert ast.unparse(chained) == "x.chain(a).then(b)"
    assert text.expression(place(path, "outer", 4, 11, 8, 11, 9)) is None


def test_statements_around(path: str) -> None:
    text = ProgramText()
    call = text.expression(place(path, "Net.forward", 16, 17, 15, 17, 25))
    assert call is not None
    statement = text.statement(path, call)
    assert isinstance(statement, ast.Return)
    kinds = [type(each).__name__ for each in text.around(path, call)]
    assert kinds == ["Call", "Return", "FunctionDef", "ClassDef", "Module"]


def test_functions_that_are_written_alike(tmp_path: Path) -> None:
    for name, value in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / f"{name}.py").write_text(
            f"# {name}\n" * value + f"def f():\n    return {value}\n"
        )
    a, b, c = (
        place(str(tmp_path / f"{n}.py"), "f", line)
        for n, line in zip("abc", (2, 2, 3), strict=True)
    )
    text = ProgramText()
    assert text.same_text(a, b)
    assert not text.same_text(a, c)
    assert not text.same_text(a, place("/none.py", "f", 2))


def test_parameters(path: str) -> None:
    scope = ProgramText().scope(place(path, "outer", 4))
    assert scope is not None
    function = scope.node
    assert isinstance(function, ast.FunctionDef)
    assert parameters(function) == (["a", "b", "c", "d"], "more", "rest")
    assert positions(function) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "lookup"),
    [
        ("x", True),
        ("x.y[0].z[w]", True),
        ("x()", False),
        ("x().y", False),
        ("x + y", False),
        ("1", False),
    ],
)
def test_lookups(text: str, lookup: bool) -> None:
    assert is_lookup(ast.parse(text, mode="eval").body) is lookup


@pytest.mark.parametrize(
    ("name", "method"),
    [("f", False), ("Net.f", True), ("f.<locals>.g", False), ("f.<locals>.Net.g", True)],
)
def test_methods(name: str, method: bool) -> None:
    assert is_method(name) is method
