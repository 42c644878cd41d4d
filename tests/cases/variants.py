"""A case as it is, with its sides swapped, and with files and identifiers renamed."""

from __future__ import annotations

import ast
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
FACTORY = "build"


@dataclass(frozen=True)
class Variant:
    """One way of running a case.

    ``a`` and ``b`` are files in ``workspace``; ``expected`` is case.toml with names and sides
    changed as the files were.
    """

    case: str
    kind: str
    workspace: Path
    a: str
    b: str
    factory: str
    expected: dict[str, Any]


def variants(case: str, folder: Path) -> Iterator[Variant]:
    """Plain, swapped, and renamed copies of ``case`` below ``folder``."""
    expected = tomllib.loads((CASES / case / "case.toml").read_text("utf-8"))
    plain = folder / case / "plain"
    shutil.copytree(CASES / case, plain)
    yield Variant(case, "plain", plain, "a.py", "b.py", FACTORY, expected)
    yield Variant(case, "swapped", plain, "b.py", "a.py", FACTORY, _swapped(expected))
    renamed = folder / case / "renamed"
    (renamed / "inner").mkdir(parents=True)
    names: dict[str, str] = expected["rename"]
    for source, target in (("a.py", "left_program.py"), ("b.py", "inner/other.py")):
        text = (CASES / case / source).read_text("utf-8")
        (renamed / target).write_text(rename(text, names), "utf-8")
    yield Variant(
        case,
        "renamed",
        renamed,
        "left_program.py",
        "inner/other.py",
        names[FACTORY],
        _renamed(expected, names),
    )


def rename(text: str, names: dict[str, str]) -> str:
    """``text`` with identifiers renamed; attributes, keywords and strings stay."""
    edits = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in names:
            edits.append((node.lineno, node.col_offset, node.id))
        elif isinstance(node, ast.FunctionDef) and node.name in names:
            edits.append((node.lineno, node.col_offset + len("def "), node.name))
    lines = text.split("\n")
    for line, column, name in sorted(edits, reverse=True):
        old = lines[line - 1]
        lines[line - 1] = old[:column] + names[name] + old[column + len(name) :]
    return "\n".join(lines)


def _swapped(expected: dict[str, Any]) -> dict[str, Any]:
    sides = {"a": "b", "b": "a"}
    changed = dict(expected)
    if "wasteful_side" in expected:
        changed["wasteful_side"] = sides[expected["wasteful_side"]]
    return changed


def _renamed(expected: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    changed = dict(expected)
    if "marked" in expected:
        changed["marked"] = rename(expected["marked"], names)
    if expected.get("cause", {}).get("kind") == "call":
        changed["cause"] = {
            key: rename(value, names) if key != "kind" else value
            for key, value in expected["cause"].items()
        }
    return changed
