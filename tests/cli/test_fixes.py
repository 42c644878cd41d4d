"""Fixes as diffs, and in the files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from magneton.cli.fixes import show_fixes, write_fixes
from magneton.cli.main import main
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.result import Comparison, Edit, Fix, Sides

from ..builders import comparison, finding, quantity, side

SOURCE = "x = 1\nf(x)\ng(x)\n"


def fix(line: int, tried: bool = True) -> Fix:
    """Passes y=2 on a line of ``a.py``."""
    place = Position(line, 3)
    edit = Edit(Location("a.py", None, place, place), ", y=2")
    return Fix("pass y=2", (edit,), tried, quantity(0.5))


def compared(folder: Path, *fixes: Fix | None) -> Comparison:
    (folder / "a.py").write_text(SOURCE)
    digest = hashlib.sha256(SOURCE.encode()).hexdigest()
    return comparison(
        sides=Sides(side(files={"a.py": digest}), side(1.5, files={})),
        findings=tuple(finding(id=f"f{i}", fix=each) for i, each in enumerate(fixes)),
    )


def test_every_fix_is_a_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show_fixes(compared(tmp_path, None, fix(2), fix(3)), tmp_path)
    shown = capsys.readouterr().out
    assert shown == (
        "\nfix[f1]: pass y=2: saves 500 mJ (495 to 505), modelled, when tried\n"
        "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n x = 1\n-f(x)\n+f(x, y=2)\n g(x)\n"
        "\nfix[f2]: pass y=2: saves 500 mJ (495 to 505), modelled, when tried\n"
        "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n x = 1\n f(x)\n-g(x)\n+g(x, y=2)\n"
    )
    assert (tmp_path / "a.py").read_text() == SOURCE


def test_nothing_to_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = compared(tmp_path, None, fix(2, tried=False))
    show_fixes(result, tmp_path)
    expected = "no fix: nothing that could be changed by itself was tried and helped\n"
    assert capsys.readouterr().out == expected
    assert write_fixes(result, tmp_path) == []
    assert (tmp_path / "a.py").read_text() == SOURCE


def test_of_two_fixes_of_a_file_the_first_is_written(tmp_path: Path) -> None:
    assert write_fixes(compared(tmp_path, fix(3), fix(2)), tmp_path) == [
        "fix[f0] written to a.py",
        "fix[f1] not written: fix[f0] changed a.py, and the two were not tried together; "
        "compare again",
    ]
    assert (tmp_path / "a.py").read_text() == "x = 1\nf(x)\ng(x, y=2)\n"


def test_a_file_that_changed_is_left_alone(tmp_path: Path) -> None:
    result = compared(tmp_path, fix(2))
    (tmp_path / "a.py").write_text(SOURCE + "# mine\n")
    with pytest.raises(MagnetonError, match=r"a\.py has changed since it was measured"):
        write_fixes(result, tmp_path)
    assert (tmp_path / "a.py").read_text() == SOURCE + "# mine\n"


def test_write_needs_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a.py:f", "b.py:f", "--write"]) == 2
    assert capsys.readouterr().err == (
        "error: --write needs --fix\n  cause: only what was tried is written\n"
        "  remedy: Add --fix.\n"
    )
