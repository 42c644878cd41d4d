"""Where a traced program's operators stand, told without its sources.

The files may have changed since, or be on another machine: so the trace keeps what would have been
read from them, columns in code points and the text of each place.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from magneton_agent.schema.location import Frame, Location, Position
from magneton_agent.schema.reading import read_regular

from ...source.positions import Locator
from .columns import ColumnError, ColumnReader, ColumnWriter

Point = tuple[str, int, int]
"""A path, a line and a byte column."""


@dataclass(frozen=True)
class Places:
    """``frames`` with the absolute paths that they would have in this workspace. ``columns`` maps
    points to columns in code points, ``texts`` frames of the workspace to what was written there.
    """

    frames: tuple[Frame, ...]
    columns: dict[Point, int]
    texts: dict[Frame, str]
    paths: dict[str, str]


def write_places(columns: ColumnWriter, frames: Sequence[Frame], locator: Locator) -> None:
    """``frames`` as ``locator`` finds them in the workspace that they were recorded in."""
    found = [locator.location(frame) for frame in frames]
    own = [
        Path(frame.path).is_absolute() and not place.path.startswith("/")
        for frame, place in zip(frames, found, strict=True)
    ]
    paths = (
        place.path if inside else frame.path
        for frame, place, inside in zip(frames, found, own, strict=True)
    )
    columns.texts("frames.path", paths)
    columns.integers("frames.own", own)
    columns.texts("frames.function", (each.function for each in frames))
    for name in ("first_line", "line", "column", "end_line", "end_column"):
        columns.integers(f"frames.{name}", [getattr(each, name) for each in frames])
    columns.integers("frames.start_point", (each.start.column for each in found))
    columns.integers("frames.end_point", (each.end.column for each in found))
    texts = (
        locator.text(frame) if inside else None for frame, inside in zip(frames, own, strict=True)
    )
    columns.texts("frames.text", texts)


def read_places(columns: ColumnReader, workspace: Path) -> Places:
    """The places of a trace, as if its program lay in ``workspace``.

    Raises:
        ColumnError: a column breaks the format.
    """
    paths = columns.texts("frames.path")
    size = len(paths)
    here = [
        _absolute(path, workspace) if own else path
        for path, own in zip(paths, columns.flags("frames.own", size), strict=True)
    ]
    numbers = [
        columns.integers(f"frames.{name}", size)
        for name in ("first_line", "line", "column", "end_line", "end_column")
    ]
    frames = tuple(map(Frame, here, columns.texts("frames.function", size), *numbers))
    points: dict[Point, int] = {}
    ends = (columns.integers(f"frames.{name}", size) for name in ("start_point", "end_point"))
    for frame, start, end in zip(frames, *ends, strict=True):
        points[frame.path, frame.line, frame.column] = start
        points[frame.path, frame.end_line, frame.end_column] = end
    texts = zip(frames, columns.texts_or_none("frames.text", size), strict=True)
    return Places(
        frames,
        points,
        {frame: text for frame, text in texts if text is not None},
        dict(zip(here, paths, strict=True)),
    )


def _absolute(path: str, workspace: Path) -> str:
    inside = PurePosixPath(path)
    if inside.is_absolute() or ".." in inside.parts:
        raise ColumnError(f"frames.path holds {path!r}, which is not inside a workspace")
    return str(workspace / inside)


class TracedLocator(Locator):
    """Locates the frames of a trace; ``digests`` are the SHA-256 of the traced files by path."""

    def __init__(self, workspace: Path, places: Places, digests: Mapping[str, str]) -> None:
        super().__init__(workspace)
        self._places, self._digests = places, digests
        self._folder = workspace
        self._unchanged = functools.cache(self._is_unchanged)

    def location(self, frame: Frame) -> Location:
        """The range of ``frame``, as it was when it was traced."""
        path = self._places.paths.get(frame.path, frame.path)
        return Location(
            path=path,
            revision=None,
            start=Position(frame.line, self._column(frame.path, frame.line, frame.column)),
            end=Position(
                frame.end_line, self._column(frame.path, frame.end_line, frame.end_column)
            ),
        )

    def text(self, frame: Frame) -> str | None:
        """What was written at ``frame``: as kept, else from the file while it is the same."""
        kept = self._places.texts.get(frame)
        if kept is not None or not self._unchanged(self._places.paths.get(frame.path)):
            return kept
        return super().text(frame)

    def _column(self, path: str, line: int, column: int) -> int:
        return self._places.columns.get((path, line, column), column)

    def _is_unchanged(self, path: str | None) -> bool:
        if path is None or path not in self._digests:
            return False
        try:
            content = read_regular(self._folder / path)
        except OSError:
            return False
        return hashlib.sha256(content).hexdigest() == self._digests[path]
