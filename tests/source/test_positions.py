"""Byte columns become code points, absolute paths relative ones."""

from __future__ import annotations

from pathlib import Path

from magneton.source.positions import Locator, code_points
from magneton_agent.schema.location import Frame, Location, Position

SOURCE = 'def step():\n    return "é😀", missing(1)\n'


def test_columns_after_wide_characters_count_code_points(tmp_path: Path) -> None:
    file = tmp_path / "pkg" / "a.py"
    file.parent.mkdir()
    file.write_text(SOURCE, encoding="utf-8")
    code = compile(SOURCE, str(file), "exec").co_consts[0]
    # As the interpreter says it: é is two bytes, 😀 four.
    assert (2, 2, 21, 31) in list(code.co_positions())
    found = Locator(tmp_path).location(Frame(str(file), "step", 1, 2, 21, 2, 31))
    assert found == Location("pkg/a.py", None, Position(2, 17), Position(2, 27))
    assert SOURCE.splitlines()[1][17:27] == "missing(1)"


def test_a_file_in_another_encoding_is_counted_as_the_interpreter_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "latin.py"
    file.write_bytes("# coding: latin-1\nx = 'é', f(1)\n".encode("latin-1"))
    found = Locator(tmp_path).location(Frame(str(file), "<module>", 1, 2, 10, 2, 14))
    assert (found.start, found.end) == (Position(2, 9), Position(2, 13))


def test_libraries_keep_absolute_paths_even_inside_the_workspace(tmp_path: Path) -> None:
    locator = Locator(tmp_path / "work")
    inside = tmp_path / "work/.venv/lib/python3.11/site-packages/torch/nn/functional.py"
    assert locator.path(str(inside)) == str(inside)
    assert locator.path(str(tmp_path / "work/.venv/lib/python3.12/json.py")).startswith("/")
    assert locator.path(str(tmp_path / "worker/a.py")) == str(tmp_path / "worker/a.py")
    assert locator.path(str(tmp_path / "work/lib/model.py")) == "lib/model.py"


def test_a_workspace_opened_through_a_link_is_the_same_workspace(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert Locator(tmp_path / "link").path(str(tmp_path / "real/a.py")) == "a.py"


def test_an_unreadable_file_keeps_its_columns(tmp_path: Path) -> None:
    found = Locator(tmp_path).location(Frame("<string>", "<module>", 1, 3, 5, 4, 6))
    assert found == Location("<string>", None, Position(3, 5), Position(4, 6))


def test_code_points_at_the_edges_of_a_line() -> None:
    lines = ("é😀x",)
    assert [code_points(lines, 1, column) for column in (0, 2, 6, 7)] == [0, 1, 2, 3]
    assert code_points(lines, 1, 4) == 1  # inside the emoji: its start
    assert code_points(lines, 1, 99) == 99
    assert code_points(lines, 2, 7) == 7
