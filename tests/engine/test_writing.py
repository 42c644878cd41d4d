"""Fixes put into files: exactly, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from magneton.engine.writing import changes_of, write_changes
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.result import Edit, Fix

from ..builders import quantity


def fix(*edits: tuple[str, int, int, int, str]) -> Fix:
    """Edits (path, line, column, end column, text)."""
    made = tuple(
        Edit(Location(path, None, Position(line, start), Position(line, end)), text)
        for path, line, start, end, text in edits
    )
    return Fix("pass y=2", made, True, quantity(0.5))


def written(folder: Path, name: str, content: bytes) -> dict[str, str]:
    """The file's digest as results hold it."""
    (folder / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("\r\né = '😀'; f(x)\r\ng(x)", "utf-8"),
        ("# f(x, )\né = '😀'; f(x)\n", "utf-8-sig"),
        ("# -*- coding: latin-1 -*-\né = 'ü'; f(x)\n", "latin-1"),
    ],
)
def test_only_the_edit_changes(content: str, encoding: str, tmp_path: Path) -> None:
    files = written(tmp_path, "a.py", content.encode(encoding))
    (tmp_path / "a.py").chmod(0o750)
    write_changes(changes_of(tmp_path, fix(("a.py", 2, 12, 12, ", y=2")), files))
    expected = content.replace("f(x)", "f(x, y=2)")
    assert (tmp_path / "a.py").read_bytes() == expected.encode(encoding)
    assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o750
    assert [each.name for each in tmp_path.iterdir()] == ["a.py"]


def test_several_files_and_a_link(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    files = written(tmp_path, "inner/b.py", b"x = 1\ny = 1\n")
    files |= written(tmp_path, "c.py", b"z = 1\n")
    (tmp_path / "a.py").symlink_to(tmp_path / "c.py")
    files["a.py"] = files["c.py"]
    wanted = fix(("inner/b.py", 1, 4, 5, "2"), ("a.py", 1, 4, 5, "3"), ("inner/b.py", 2, 4, 5, "4"))
    changes = changes_of(tmp_path, wanted, files)
    assert [(each.name, each.after) for each in changes] == [
        ("inner/b.py", "x = 2\ny = 4\n"),
        ("a.py", "z = 3\n"),
    ]
    write_changes(changes)
    assert (tmp_path / "inner" / "b.py").read_bytes() == b"x = 2\ny = 4\n"
    assert (tmp_path / "c.py").read_bytes() == b"z = 3\n"
    assert (tmp_path / "a.py").is_symlink()


def test_a_file_that_changed_is_left_alone(tmp_path: Path) -> None:
    files = written(tmp_path, "a.py", b"x = 1\n")
    wanted = fix(("a.py", 1, 4, 5, "2"))
    changes = changes_of(tmp_path, wanted, files)
    (tmp_path / "a.py").write_bytes(b"x = 10\n")
    for act in (lambda: changes_of(tmp_path, wanted, files), lambda: write_changes(changes)):
        with pytest.raises(MagnetonError) as caught:
            act()
        assert caught.value.fact == "a.py has changed since it was measured"
        assert caught.value.exit_status == 2
    assert (tmp_path / "a.py").read_bytes() == b"x = 10\n"


@pytest.mark.parametrize("path", ["/etc/passwd", "../a.py", "unknown.py"])
def test_only_files_that_were_measured(path: str, tmp_path: Path) -> None:
    files = written(tmp_path, "a.py", b"x = 1\n") | {"../a.py": "", "/etc/passwd": ""}
    with pytest.raises(MagnetonError) as caught:
        changes_of(tmp_path, fix((path, 1, 0, 0, "#")), files)
    assert caught.value.fact == f"{path} cannot be changed"


def test_a_result_that_does_not_fit(tmp_path: Path) -> None:
    files = written(tmp_path, "a.py", b"x = 1\n")
    with pytest.raises(MagnetonError) as caught:
        changes_of(tmp_path, fix(("a.py", 7, 0, 0, "#")), files)
    assert caught.value.cause == "line 7, column 0 is not in the text"


def test_a_text_that_the_files_encoding_does_not_have(tmp_path: Path) -> None:
    content = b"# coding: latin-1\nx = 1\n"
    files = written(tmp_path, "a.py", content)
    with pytest.raises(MagnetonError) as caught:
        write_changes(changes_of(tmp_path, fix(("a.py", 2, 4, 5, "'😀'")), files))
    assert caught.value.cause == "its encoding, iso-8859-1, has no way to write '😀'"
    assert (tmp_path / "a.py").read_bytes() == content


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    files = written(tmp_path, "a.py", b"x = 1\n")
    (tmp_path / "a.py").unlink()
    with pytest.raises(MagnetonError) as caught:
        changes_of(tmp_path, fix(("a.py", 1, 0, 0, "#")), files)
    assert (caught.value.fact, caught.value.cause) == (
        "a.py could not be read",
        "no such file or directory",
    )
