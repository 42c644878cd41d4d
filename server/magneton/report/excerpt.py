"""Source lines with a range marked, from files that are still as they were measured."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from magneton_agent.schema.location import Location
from magneton_agent.schema.reading import read_regular

from .printable import printable

_TAB = "    "
_MOST_LINES = 6


@dataclass(frozen=True)
class MarkedLine:
    """One source line in three parts, tabs expanded; ``number`` is None for left-out lines."""

    number: int | None
    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class Excerpt:
    """The lines to show, or in ``missing`` why there are none (None: nothing worth saying)."""

    lines: tuple[MarkedLine, ...]
    missing: str | None = None


@dataclass(frozen=True)
class Sources:
    """Files of one side: ``digests`` maps each path to the SHA-256 of what was measured.

    A path that is not listed is never read, so a result file cannot make a report quote
    arbitrary files of whoever renders it.
    """

    workspace: Path
    digests: Mapping[str, str]

    def excerpt(self, location: Location) -> Excerpt:
        """The lines of ``location``, where they are still the measured ones."""
        if location.path not in self.digests or location.revision is not None:
            return Excerpt(())
        try:
            content = read_regular(self.workspace / location.path)
        except OSError:
            return Excerpt((), "the file is not here any more")
        if hashlib.sha256(content).hexdigest() != self.digests[location.path]:
            return Excerpt((), "the file has changed since it was measured")
        return Excerpt(mark(content.decode("utf-8-sig", errors="replace"), location))


def mark(source: str, location: Location) -> tuple[MarkedLine, ...]:
    """The lines of ``location`` in ``source``; long ranges lose their middle."""
    # Not splitlines(): it also breaks at form feeds and other characters Python does not.
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    numbers = range(max(location.start.line, 1), min(location.end.line, len(lines)) + 1)
    marked = [_mark_line(lines[number - 1], number, location) for number in numbers]
    if len(marked) > _MOST_LINES:
        marked[_MOST_LINES - 2 : -1] = [MarkedLine(None, "", "", "")]
    return tuple(marked)


def _mark_line(line: str, number: int, location: Location) -> MarkedLine:
    """``line`` cut at the range's columns (code points, 0-based)."""
    start, end = location.start, location.end
    first = start.column if number == start.line else len(line) - len(line.lstrip())
    last = end.column if number == end.line else len(line.rstrip())
    last = max(last, first)
    parts = (line[:first], line[first:last], line[last:].rstrip())
    return MarkedLine(number, *(_displayable(part) for part in parts))


def _displayable(text: str) -> str:
    return printable(text.replace("\t", _TAB))
