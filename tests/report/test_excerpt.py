"""Source lines with a range marked."""

from __future__ import annotations

from pathlib import Path

from magneton.report.excerpt import Excerpt, MarkedLine, Sources, mark
from tests.builders import location

from . import sources


def test_a_range_in_one_line() -> None:
    marked = mark("x = 1\ny = f(x)  # why\n", location(line=2, column=4, end_column=8))
    assert marked == (MarkedLine(2, "y = ", "f(x)", "  # why"),)


def test_columns_are_code_points() -> None:
    marked = mark("é😀 = f(x)\n", location(column=5, end_column=9))
    assert marked == (MarkedLine(1, "é😀 = ", "f(x)", ""),)


def test_tabs_become_spaces_and_control_characters_visible() -> None:
    marked = mark("\tx\x1b[31m = f()\x07\n", location(column=1, end_column=2))
    assert marked == (MarkedLine(1, "    ", "x", " = f()�"),)


def test_a_range_over_lines_leaves_indentation_out() -> None:
    source = "y = f(\n    1,\n    2,\n) + 1\n"
    marked = mark(source, location(line=1, column=4, end_line=4, end_column=1))
    assert marked == (
        MarkedLine(1, "y = ", "f(", ""),
        MarkedLine(2, "    ", "1,", ""),
        MarkedLine(3, "    ", "2,", ""),
        MarkedLine(4, "", ")", " + 1"),
    )


def test_a_long_range_loses_its_middle() -> None:
    source = "\n".join(f"line{number}" for number in range(1, 11))
    marked = mark(source, location(line=1, end_line=10, end_column=6))
    assert [line.number for line in marked] == [1, 2, 3, 4, None, 10]


def test_form_feeds_and_carriage_returns_break_lines_as_in_python() -> None:
    marked = mark("a = 1\x0c\r\nb = 2\r\n", location(line=2, column=0, end_column=1))
    assert marked == (MarkedLine(2, "", "b", " = 2"),)


def test_a_range_beyond_the_file_shows_nothing() -> None:
    assert mark("x = 1\n", location(line=9)) == ()


def test_the_measured_file_is_quoted(tmp_path: Path) -> None:
    files = sources.write(tmp_path, "a.py", "x = f()\n")
    excerpt = Sources(tmp_path, files).excerpt(location(column=4, end_column=7))
    assert excerpt == Excerpt((MarkedLine(1, "x = ", "f()", ""),))


def test_a_changed_file_is_not_quoted(tmp_path: Path) -> None:
    files = sources.write(tmp_path, "a.py", "x = f()\n")
    (tmp_path / "a.py").write_text("x = g()\n")
    excerpt = Sources(tmp_path, files).excerpt(location())
    assert excerpt == Excerpt((), "the file has changed since it was measured")


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    excerpt = Sources(tmp_path, {"a.py": "0" * 64}).excerpt(location())
    assert excerpt == Excerpt((), "the file is not here any more")


def test_a_file_that_was_not_measured_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("key\n")
    assert Sources(tmp_path, {}).excerpt(location(str(tmp_path / "secret"))) == Excerpt(())
