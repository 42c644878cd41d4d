"""The results that are shown, and where their marks stand in the texts of this moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from magneton.engine.store import Result
from magneton_agent.schema.location import Location, Position

from .following import surviving_lines
from .opened import Mark, Opened
from .versions import Lines


@dataclass(frozen=True)
class Placed:
    """A mark with its range in the current text; ``older`` where that text is not the measured
    one any more."""

    mark: Mark
    opened: Opened
    start: Position
    end: Position
    older: bool


class Board:
    """The newest result of each workspace folder."""

    def __init__(self) -> None:
        self._opened: dict[Path, Opened] = {}
        self._newest: Opened | None = None
        self._followed: dict[Path, tuple[Lines, Lines, Mapping[int, int]]] = {}

    @property
    def newest(self) -> Opened | None:
        """The result that was shown last."""
        return self._newest

    def of(self, workspace: Path) -> Opened | None:
        """The result that is shown of ``workspace``."""
        return self._opened.get(workspace)

    def all(self) -> tuple[Opened, ...]:
        return tuple(self._opened.values())

    def show(self, opened: Opened) -> None:
        """Show ``opened`` instead of its workspace's former result."""
        self._opened[opened.workspace] = opened
        self._newest = opened

    def shows(self, workspace: Path, result: Result) -> bool:
        """Whether ``result`` is what is shown of ``workspace``."""
        opened = self.of(workspace)
        return opened is not None and opened.result == result

    def remove(self, workspace: Path) -> None:
        """Show nothing more of ``workspace`` and the folders in it."""
        for known in [each for each in self._opened if each.is_relative_to(workspace)]:
            del self._opened[known]
        if self._newest is not None and self._newest.workspace.is_relative_to(workspace):
            self._newest = next(iter(self._opened.values()), None)

    def clear(self) -> None:
        self._opened.clear()
        self._newest = None

    def marked_files(self) -> set[Path]:
        return {mark.file for opened in self._opened.values() for mark in opened.marks}

    def placed(self, file: Path, current: Lines) -> list[Placed]:
        """The marks of ``file`` whose lines are still in its ``current`` text."""
        found = []
        for opened in self._opened.values():
            older = opened.texts.get(file) != current
            for mark in opened.marks:
                if mark.file != file:
                    continue
                span = self.follow(opened, file, mark.location, current)
                if span is not None:
                    found.append(Placed(mark, opened, *span, older))
        return found

    def follow(
        self, opened: Opened, file: Path, location: Location, current: Lines
    ) -> tuple[Position, Position] | None:
        """Where ``location`` of ``file`` is in ``current``, None where its lines changed."""
        measured = opened.texts.get(file)
        if measured is None:
            return None
        lines = self._surviving(file, measured, current)
        first, last = location.start.line - 1, location.end.line - 1
        now = lines.get(first)
        if now is None or any(
            lines.get(first + offset) != now + offset for offset in range(last - first + 1)
        ):
            return None
        shift = now - first
        return (
            Position(location.start.line + shift, location.start.column),
            Position(location.end.line + shift, location.end.column),
        )

    def _surviving(self, file: Path, measured: Lines, current: Lines) -> Mapping[int, int]:
        followed = self._followed.get(file)
        if followed is None or followed[:2] != (measured, current):
            followed = (measured, current, surviving_lines(measured, current))
            self._followed[file] = followed
        return followed[2]
