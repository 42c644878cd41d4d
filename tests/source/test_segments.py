"""The text of a range, on one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.source.segments import text_at
from magneton_agent.schema.location import Frame


@pytest.fixture
def path(tmp_path: Path) -> str:
    text = 'é = "😀"; run(\n    é,\n    1,\n)\n' + f"run({'x' * 90})\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    return str(tmp_path / "a.py")


def text(path: str, line: int, column: int, end_line: int, end_column: int) -> str | None:
    return text_at(Frame(path, "f", 1, line, column, end_line, end_column))


def test_columns_are_bytes(path: str) -> None:
    # é is 2 bytes, 😀 is 4: 'é = "😀"' ends at 2 + 3 + 1 + 4 + 1 = 11.
    assert text(path, 1, 5, 1, 11) == '"😀"'


def test_several_lines_become_one(path: str) -> None:
    assert text(path, 1, 13, 4, 1) == "run( é, 1, )"


def test_long_text_is_cut(path: str) -> None:
    found = text(path, 5, 0, 5, 95)
    assert found == "run(" + "x" * 75 + "…"
    assert len(found) == 80


def test_text_that_is_not_there(path: str, tmp_path: Path) -> None:
    assert text(path, 9, 0, 9, 5) is None
    assert text(str(tmp_path / "none.py"), 1, 0, 1, 5) is None


def test_a_frame_without_columns_is_no_text(path: str) -> None:
    assert text(path, 1, 0, 1, 0) is None
