"""Source ranges as compilers show them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from magneton.report.excerpt import MarkedLine, Sources
from magneton.report.paint import Paint
from magneton.report.text_source import SourceView, clip
from magneton_agent.schema.location import Location
from tests.builders import location

from . import sources


def block(tmp_path: Path, text: str, place: Location, width: int = 80) -> str:
    files = sources.write(tmp_path, "a.py", text)
    view = SourceView(Sources(tmp_path, files), Paint(False), width)
    return "\n".join(view.block(place, "waste"))


def test_carets_stand_under_the_range(tmp_path: Path) -> None:
    text = "\n" * 9 + "y = f(x)\n"
    assert block(tmp_path, text, location(line=10, column=4, end_column=8)) == (
        "  --> a.py:10:5\n"
        "   |\n"
        "10 | y = f(x)\n"
        "   |     ^^^^\n"
        "   |"
    )  # fmt: skip


def test_wide_characters_take_two_cells(tmp_path: Path) -> None:
    text = "é😀 = f('漢字')\n"
    assert block(tmp_path, text, location(column=5, end_column=12)) == (
        " --> a.py:1:6\n"
        "  |\n"
        "1 | é😀 = f('漢字')\n"
        "  |       ^^^^^^^^^\n"
        "  |"
    )  # fmt: skip


def test_tabs_take_four_cells(tmp_path: Path) -> None:
    assert block(tmp_path, "\ty\t= f(x)\n", location(column=5, end_column=9)) == (
        " --> a.py:1:6\n"
        "  |\n"
        "1 |     y    = f(x)\n"
        "  |            ^^^^\n"
        "  |"
    )  # fmt: skip


def test_every_line_of_a_range_is_underlined(tmp_path: Path) -> None:
    text = "y = f(\n    1,\n)\n"
    assert block(tmp_path, text, location(column=4, end_line=3, end_column=1)) == (
        " --> a.py:1:5\n"
        "  |\n"
        "1 | y = f(\n"
        "  |     ^^\n"
        "2 |     1,\n"
        "  |     ^^\n"
        "3 | )\n"
        "  | ^\n"
        "  |"
    )  # fmt: skip


def test_left_out_lines_are_dots(tmp_path: Path) -> None:
    text = "".join(f"f{number}\n" for number in range(1, 13))
    shown = block(tmp_path, text, location(end_line=12, end_column=3)).splitlines()
    assert shown[-7:] == ["   | ^^", " 4 | f4", "   | ^^", "....", "12 | f12", "   | ^^^", "   |"]


def test_without_source_there_is_the_place_and_the_reason(tmp_path: Path) -> None:
    view = SourceView(Sources(tmp_path, {"a.py": "0" * 64}), Paint(False), 80)
    assert view.block(location(line=3), "waste") == [
        " --> a.py:3:1 (the file is not here any more)"
    ]
    assert view.block(location("/opt/lib.py", line=3), "waste") == [" --> /opt/lib.py:3:1"]


@pytest.mark.parametrize(
    ("line", "clipped"),
    [
        (MarkedLine(1, "x = ", "f()", ""), MarkedLine(1, "x = ", "f()", "")),
        (MarkedLine(1, "x = ", "f()", " + " * 9), MarkedLine(1, "x = ", "f()", " +  +  +  +…")),
        (MarkedLine(1, "a" * 40, "f()", "b" * 40), MarkedLine(1, "…aaaaa", "f()", "bbbbbbbbbb…")),
        (MarkedLine(1, "", "f" * 40, ""), MarkedLine(1, "", "f" * 18 + "…", "")),
        (MarkedLine(1, "", "漢" * 40, ""), MarkedLine(1, "", "漢" * 9 + "…", "")),
    ],
)
def test_a_long_line_is_cut_around_its_range(line: MarkedLine, clipped: MarkedLine) -> None:
    assert clip(line, 20) == clipped
    assert cell_len(clipped.before + clipped.marked + clipped.after) <= 20
