"""Copies of a case with sides swapped and names changed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .variants import CASES, rename, renamed_line, variants

NAMES = {"build": "make", "model": "network", "x": "rows"}


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("def build():\n    x = model(x)\n", "def make():\n    rows = network(rows)\n"),
        # Attributes, keywords, strings and longer names stay.
        ("call(x=x, y=self.x)", "call(x=rows, y=self.x)"),
        ("print('model x', modelled, x.model)", "print('model x', modelled, rows.model)"),
        ("x, y = x @ x, [x for _ in x]", "rows, y = rows @ rows, [rows for _ in rows]"),
        ("unknown(z)", "unknown(z)"),
    ],
)
def test_rename(text: str, renamed: str) -> None:
    assert rename(text, NAMES) == renamed


def test_a_part_of_a_line_is_renamed_where_it_is_python() -> None:
    assert renamed_line("x = model(x)", NAMES) == "rows = network(rows)"
    assert renamed_line("@model(x)", NAMES) == "@model(x)"


def test_rename_leaves_other_lines_alone() -> None:
    text = "# x\n\n\tx = 1  # model\n".replace("\t", "")
    assert rename(text, NAMES) == "# x\n\nrows = 1  # model\n"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_variants_are_runnable_and_expect_what_they_say(case: str, tmp_path: Path) -> None:
    made = list(variants(case, tmp_path))
    assert [each.kind for each in made] == ["plain", "swapped", "renamed"]
    plain, swapped, renamed = made
    assert (swapped.a, swapped.b) == (plain.b, plain.a)
    for variant in made:
        for path in (variant.a, variant.b):
            tree = ast.parse((variant.workspace / path).read_text("utf-8"))
            taken = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
            assert not taken & set(plain.expected["rename"])  # they are not renamed
            functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
            assert variant.factory in functions
    assert renamed.factory != plain.factory
    if "wasteful_side" in plain.expected:
        assert swapped.expected["wasteful_side"] != plain.expected["wasteful_side"]
        own = renamed.a if renamed.expected["wasteful_side"] == "a" else renamed.b
        file = renamed.workspace / renamed.expected.get("file", own)
        said: str = renamed.expected["line" if "line" in renamed.expected else "marked"]
        assert said in file.read_text("utf-8")
