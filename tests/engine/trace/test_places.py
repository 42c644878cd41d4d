"""Where traced operators stand: told as it was, also where the file has changed or is gone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from magneton.engine.trace.columns import ColumnReader, ColumnWriter
from magneton.engine.trace.places import TracedLocator, read_places, write_places
from magneton.source.positions import Locator
from magneton_agent.schema.location import Frame, Location, Position

SOURCE = 'x = "é😀"; y = x * 2\nz = 3\n'
START = len('x = "é😀"; y = '.encode())  # byte columns, as the interpreter counts


def frame(path: Path | str, column: int = START, end_column: int = START + 5) -> Frame:
    return Frame(str(path), "<module>", 1, 1, column, 1, end_column)


def moved(there: Path, here: Path, frames: list[Frame], digests: dict[str, str]) -> TracedLocator:
    """The locator of ``frames``, traced ``there`` and read ``here``."""
    columns = ColumnWriter()
    write_places(columns, frames, Locator(there))
    reader = ColumnReader(columns.members.__getitem__, columns.strings.items)
    return TracedLocator(here, read_places(reader, here), digests)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "a.py").write_text(SOURCE, encoding="utf-8")
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def test_columns_and_text_need_no_file(there: Path, here: Path) -> None:
    locator = moved(there, here, [frame(there / "package" / "a.py")], {})
    same = frame(here / "package" / "a.py")
    start = len('x = "é😀"; y = ')
    assert locator.location(same) == Location(
        "package/a.py", None, Position(1, start), Position(1, start + 5)
    )
    assert locator.text(same) == "x * 2"


def test_frames_get_the_paths_of_this_workspace(there: Path, here: Path) -> None:
    columns = ColumnWriter()
    paths: list[Path | str] = [there / "package" / "a.py", "/usr/lib/other.py", "<string>"]
    write_places(columns, [frame(path) for path in paths], Locator(there))
    places = read_places(ColumnReader(columns.members.__getitem__, columns.strings.items), here)
    assert [each.path for each in places.frames] == [
        str(here / "package" / "a.py"),
        "/usr/lib/other.py",
        "<string>",
    ]


def test_library_frames_stay_outside_and_their_text_is_not_kept(there: Path, here: Path) -> None:
    library = there.parent / "library.py"
    library.write_text("secret = 1\n")
    found = frame(library, 0, 6)
    locator = moved(there, here, [found], {})
    assert locator.location(found).path == str(library)
    assert locator.text(found) is None


def test_a_wider_range_is_read_only_from_the_same_file(there: Path, here: Path) -> None:
    (here / "package").mkdir()
    copied = here / "package" / "a.py"
    copied.write_text(SOURCE, encoding="utf-8")
    digest, same = "0" * 64, hashlib.sha256(copied.read_bytes()).hexdigest()
    frames = [frame(there / "package" / "a.py")]
    wider = frame(copied, 0, START + 5)
    assert moved(there, here, frames, {"package/a.py": digest}).text(wider) is None
    assert moved(there, here, frames, {"package/a.py": same}).text(wider) == (
        'x = "é😀"; y = x * 2'
    )
    copied.unlink()
    assert moved(there, here, frames, {"package/a.py": digest}).text(wider) is None
