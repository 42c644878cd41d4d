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
PLANTED, HELD_OUT, EQUAL = "planted-", "held-", "equal-"
"""How the names of small cases begin whose cause lies at a distance, those that the rules were
written with and those by somebody who had not seen the rules, and of pairs that do the same."""
_OWN = ("a.py", "b.py", "case.toml")
_CACHE = "__pycache__"


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

    @property
    def arguments(self) -> list[str]:
        """The command line's arguments for the two programs."""
        given = {side: self.expected.get(f"args_{side}") for side in ("a", "b")}
        return [f"--args-{side}={text}" for side, text in given.items() if text is not None]


def variants(case: str, folder: Path) -> Iterator[Variant]:
    """Plain, swapped, and renamed copies of ``case`` below ``folder``."""
    expected = tomllib.loads((CASES / case / "case.toml").read_text("utf-8"))
    plain = folder / case / "plain"
    plain.mkdir(parents=True)
    for name in _files(case):
        _copy(case, name, plain)
    yield Variant(case, "plain", plain, "a.py", "b.py", FACTORY, expected)
    yield Variant(case, "swapped", plain, "b.py", "a.py", FACTORY, _swapped(expected))
    renamed = folder / case / "renamed"
    shared = [name for name in _files(case) if name not in _OWN]
    # What both programs use stays beside them.
    other = "other_program.py" if shared else "inner/other.py"
    (renamed / other).parent.mkdir(parents=True)
    for name in shared:
        _copy(case, name, renamed)
    names: dict[str, str] = expected["rename"]
    for source, target in (("a.py", "left_program.py"), ("b.py", other)):
        text = (CASES / case / source).read_text("utf-8")
        (renamed / target).write_text(rename(text, names), "utf-8")
    yield Variant(
        case,
        "renamed",
        renamed,
        "left_program.py",
        other,
        names[FACTORY],
        _renamed(expected, names),
    )


def _files(case: str) -> list[str]:
    """The case's own files, also in its folders, without what running it has left."""
    folder = CASES / case
    found = (each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
    return sorted(each.as_posix() for each in found if _CACHE not in each.parts)


def _copy(case: str, name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CASES / case / name, folder / name)


def renamed_line(text: str, names: dict[str, str]) -> str:
    """A part of a line, which need not be a whole statement, as :func:`rename` leaves it."""
    try:
        return rename(text, names)
    except SyntaxError:
        return text


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
    for side, other in sides.items():
        changed[f"args_{side}"] = expected.get(f"args_{other}")
    return changed


def _renamed(expected: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    changed = dict(expected)
    if "marked" in expected:
        changed["marked"] = rename(expected["marked"], names)
    if "line" in expected and "file" not in expected:
        changed["line"] = renamed_line(expected["line"], names)
    if changed.get("cause", {}).get("name") in names:
        changed["cause"] = {**changed["cause"], "name": names[changed["cause"]["name"]]}
    if expected.get("cause", {}).get("kind") == "call":
        changed["cause"] = {
            key: rename(value, names) if key != "kind" else value
            for key, value in expected["cause"].items()
        }
    return changed
