"""What gave a name its value."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from magneton.source.definitions import (
    Definers,
    attribute_values,
    comprehension_parts,
    comprehension_source,
    guards,
    loops,
    returned,
)
from magneton.source.program import ProgramText, Scope


class Text:
    """One file, of whose first function (or whole) things are asked at ``# here``."""

    def __init__(self, folder: Path, source: str) -> None:
        path = folder / "program.py"
        path.write_text(source)
        self.text = ProgramText()
        module = self.text.module(str(path))
        assert module is not None
        self.module = module
        found = [each for each in ast.walk(module.node) if isinstance(each, ast.FunctionDef)]
        self.scope = Scope(str(path), found[0].name, found[0]) if found else module
        lines = source.split("\n")
        here = next((n for n, line in enumerate(lines, 1) if "# here" in line), None)
        nodes = [each for each in ast.walk(module.node) if isinstance(each, ast.stmt)]
        self.at = next((each for each in reversed(nodes) if each.lineno == here), None)

    def values(self, name: str) -> tuple[list[str | None], bool]:
        found = Definers(self.text).definitions(self.scope, name, self.at)
        texts = [ast.unparse(each.value) if each.value else None for each in found.found]
        return texts, found.parameter


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("x = 1", "1"),
        ("x: int = 2", "2"),
        ("x, y = 3, 4", "3"),
        ("y, (x, z) = 3, (5, 6)", "5"),
        ("y, x = g()", "g()[1]"),
        ("x += 7", "x + 7"),
        ("y = x = 8", "8"),
        ("y = (x := 9)", "9"),
    ],
)
def test_assignments(statement: str, value: str, tmp_path: Path) -> None:
    source = f"def f():\n    {statement}\n    return x  # here\n"
    assert Text(tmp_path, source).values("x") == ([value], False)


def test_loops_and_with_give_names_too(tmp_path: Path) -> None:
    source = "def f(y):\n    with y() as x:\n        for z in x:\n            g(z, x)  # here\n"
    text = Text(tmp_path, source)
    assert text.values("z") == (["x"], False)
    assert text.values("x") == (["y()"], False)
    assert text.values("y") == ([], True)
    assert text.values("g") == ([], False)


def test_functions_classes_and_imports_have_no_value(tmp_path: Path) -> None:
    source = "def f():\n    from .a import b as c\n    def g(): ...\n    return c, g  # here\n"
    text = Text(tmp_path, source)
    found = Definers(text.text).definitions(text.scope, "c", text.at).found
    assert [(each.value, each.imported) for each in found] == [(None, ("a", 1, "b"))]
    assert text.values("g") == ([None], False)


def test_of_a_module_the_last_counts(tmp_path: Path) -> None:
    text = Text(tmp_path, "X = 1\nif Y:\n    X = 2\n")
    assert text.values("X") == (["2"], False)


def test_comprehensions() -> None:
    node = ast.parse("[x + y for x, _ in xs for y in ys]", mode="eval").body
    assert isinstance(node, ast.ListComp)
    found = [comprehension_source(node, name) for name in ("x", "y", "z")]
    assert [ast.unparse(each) if each else None for each in found] == ["xs", "ys", None]


def test_attributes(tmp_path: Path) -> None:
    source = "def f(self, x):\n    self.a = x\n    if x:\n        self.a, self.b = 1, 2\n"
    text = Text(tmp_path, source + "    x.a = 3\n")
    found = attribute_values(text.scope, "self", "a")
    assert [ast.unparse(each.value) for each in found if each.value] == ["x", "1"]


def test_conditions(tmp_path: Path) -> None:
    source = """\
def f(x):
    if x.left:
        return 1
    if x.other:
        y = 2
    while x.more:
        if x.no:
            pass
        elif x.yes:
            g()  # here
"""
    text = Text(tmp_path, source)
    assert text.at is not None
    found = guards(text.text, text.scope.path, text.at)
    assert [ast.unparse(each) for each in found] == ["x.left", "x.more", "x.no", "x.yes"]


def test_loops(tmp_path: Path) -> None:
    source = "def f(x):\n    for y in x:\n        for z in y:\n            g(z)  # here\n"
    text = Text(tmp_path, source)
    assert text.at is not None
    found = loops(text.text, text.scope.path, text.at)
    assert [ast.unparse(each) for each in found] == ["y", "x"]


def test_what_ends_a_loop_is_told_apart(tmp_path: Path) -> None:
    source = """\
def f(x):
    while x.error > 2 * x.least:
        for y in x:
            if abs(y.moved()) < x.settled:
                break
            if x.loud:
                print(y)
            g(y)  # here
"""
    text = Text(tmp_path, source)
    assert text.at is not None
    found = loops(text.text, text.scope.path, text.at)
    ends = ["x", "x.settled", "x.error > 2 * x.least", "x.error", "x.least", "x.settled"]
    assert [ast.unparse(each) for each in found] == ends


def test_returns_are_a_functions_own(tmp_path: Path) -> None:
    source = (
        "def f(x):\n    def g():\n        return 0\n    if x:\n        return 1\n    return 2\n"
    )
    found = returned(Text(tmp_path, source).scope)
    assert [ast.unparse(value) for _, value in found] == ["1", "2"]


def test_a_comprehension_computes_with_what_is_around_it() -> None:
    node = ast.parse("[f(n, scale) for n, _ in table if n == name for m in n]", mode="eval").body
    assert isinstance(node, ast.ListComp)
    assert [ast.unparse(each) for each in comprehension_parts(node)] == [
        "table",
        "name",
        "f",
        "scale",
    ]
