"""Unified diffs, taken back by git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from magneton.report.diff import unified_diff


def test_a_changed_line() -> None:
    found = unified_diff("models/a.py", "x = 1\né = f(x)\n", "x = 1\né = f(x, y=2)\n")
    assert found == (
        "--- a/models/a.py\n+++ b/models/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-é = f(x)\n+é = f(x, y=2)\n"
    )


def test_nothing_changed() -> None:
    assert unified_diff("a.py", "x", "x") == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nB"),
        ("a\nb", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("a\rb\n", "a\rB\n"),
        ("a\fb\u2028c\n", "a\fB\u2028c\n"),
    ],
)
def test_git_applies_it(before: str, after: str, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(before.encode())
    diff = unified_diff("a.py", before, after).encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True)
    assert file.read_bytes().decode() == after
