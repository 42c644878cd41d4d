"""The one place where the interpreter's byte columns become code points and paths relative."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from magneton_agent.schema.location import Frame, Location, Position

from .segments import text_at
from .text import read_lines

_ENVIRONMENT = re.compile(
    r"(^|/)(lib(64)?/python3\.\d+|site-packages|dist-packages)/", re.IGNORECASE
)


@dataclass(frozen=True)
class Revised:
    """Files below ``top`` are those of ``repository`` at ``revision``."""

    top: Path
    repository: Path
    revision: str


class Locator:
    """Turns frames into locations; reads every source file once.

    Paths inside ``workspace`` become relative to it, except those of an environment that lies in
    the workspace (``.venv``): their files are a library's, not the user's. Where the workspace is
    ``revised``, a checkout that will be gone, paths are those of its repository.
    """

    def __init__(self, workspace: Path, revised: Revised | None = None) -> None:
        self._workspace, self._revised = workspace.resolve(), revised
        self._lines = functools.cache(read_lines)

    @property
    def workspace(self) -> Path:
        """The folder whose files are the user's."""
        return self._workspace

    def location(self, frame: Frame) -> Location:
        """The range of ``frame``; where its file cannot be read, columns are kept as they are."""
        lines = self._lines(Path(frame.path)) or ()
        return Location(
            path=self.path(frame.path),
            revision=self._revision(frame.path),
            start=Position(frame.line, code_points(lines, frame.line, frame.column)),
            end=Position(frame.end_line, code_points(lines, frame.end_line, frame.end_column)),
        )

    def text(self, frame: Frame) -> str | None:
        """What is written at ``frame``, shortened; None where that cannot be told."""
        return text_at(frame)

    def path(self, path: str) -> str:
        """``path`` relative to the workspace with forward slashes, or absolute outside it.

        A name that is no path (``<string>``) is kept.
        """
        if not Path(path).is_absolute():
            return path
        resolved = Path(path).resolve()
        if not resolved.is_relative_to(self._workspace):
            return str(self._in_repository(resolved))
        relative = resolved.relative_to(self._workspace).as_posix()
        return str(resolved) if _ENVIRONMENT.search(relative) else relative

    def _revision(self, path: str) -> str | None:
        revised = self._revised
        return revised.revision if revised and Path(path).is_relative_to(revised.top) else None

    def _in_repository(self, path: Path) -> Path:
        revised = self._revised
        if revised is None or not path.is_relative_to(revised.top):
            return path
        return revised.repository / path.relative_to(revised.top)


def code_points(lines: tuple[str, ...], line: int, byte_column: int) -> int:
    """The column in code points of a UTF-8 ``byte_column`` of the 1-based ``line``.

    A byte inside a character counts as that character's start; a column beyond the line, or in a
    line that does not exist, is kept.
    """
    if not 1 <= line <= len(lines):
        return byte_column
    encoded = lines[line - 1].encode("utf-8", "surrogatepass")
    if byte_column > len(encoded):
        return byte_column
    return len(encoded[:byte_column].decode("utf-8", "ignore"))
