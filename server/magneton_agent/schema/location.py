"""Places in source files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Position:
    """``line`` is 1-based, ``column`` 0-based and counts Unicode code points."""

    line: int
    column: int


@dataclass(frozen=True, order=True)
class Location:
    """A range in a file: relative to the workspace, or absolute for libraries."""

    path: str
    revision: str | None
    start: Position
    end: Position


@dataclass(frozen=True)
class Frame:
    """One Python frame as the interpreter reports it.

    ``path`` is absolute; lines are 1-based; columns are 0-based and count UTF-8 *bytes*
    (``co_positions``). ``source.positions`` converts to a :class:`Location`.
    """

    path: str
    function: str
    first_line: int
    line: int
    column: int
    end_line: int
    end_column: int
