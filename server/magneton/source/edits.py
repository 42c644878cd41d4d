"""What turns one text into another, as ranges and their new texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Position

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # lines as Python and editors count them


@dataclass(frozen=True, order=True)
class TextEdit:
    """``text`` instead of what stands from ``start`` to ``end`` (code points)."""

    start: Position
    end: Position
    text: str


def edits_between(old: str, new: str) -> tuple[TextEdit, ...]:
    """The changes that make ``new`` of ``old``, small and in order."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    between = before[head : len(before) - tail], after[head : len(after) - tail]
    matcher = difflib.SequenceMatcher(None, *between, autojunk=False)
    return tuple(
        _edit(before, head + i, between[0][i:i_end], between[1][j:j_end])
        for kind, i, i_end, j, j_end in matcher.get_opcodes()
        if kind != "equal"
    )


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """``text`` with ``edits``, which do not overlap, all made.

    Raises:
        ValueError: one lies outside of the text.
    """
    lines = _LINE.findall(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for edit in sorted(edits, reverse=True):
        start, end = (_offset(lines, starts, each) for each in (edit.start, edit.end))
        text = text[:start] + edit.text + text[end:]
    return text


def _offset(lines: Sequence[str], starts: Sequence[int], position: Position) -> int:
    line = lines[position.line - 1] if 1 <= position.line <= len(lines) else ""
    outside = not 1 <= position.line <= len(starts) or position.column > len(line)
    if outside or position.column < 0:
        raise ValueError(f"line {position.line}, column {position.column} is not in the text")
    return starts[position.line - 1] + position.column


def _edit(lines: Sequence[str], first: int, old: Sequence[str], new: Sequence[str]) -> TextEdit:
    """The change from ``old``, which starts with line ``first`` of ``lines``, to ``new``, without
    what both begin or end with."""
    before, after = "".join(old), "".join(new)
    head = _common(before, after)
    if any(_splits_a_line_end(text, head) for text in (before, after)):
        head -= 1
    tail = _common(before[head:][::-1], after[head:][::-1])
    if any(_splits_a_line_end(text, len(text) - tail) for text in (before, after)):
        tail -= 1
    stop = len(before) - tail
    return TextEdit(
        _position(lines, first, before[:head]),
        _position(lines, first, before[:stop]),
        after[head : len(after) - tail],
    )


def _splits_a_line_end(text: str, offset: int) -> bool:
    return text[max(offset - 1, 0) : offset + 1] == "\r\n"


def _position(lines: Sequence[str], first: int, passed: str) -> Position:
    """The place that comes after ``passed``, a text from the start of line ``first`` on."""
    line, left = first, len(passed)
    while line < len(lines) and left >= len(lines[line]):
        left -= len(lines[line])
        line += 1
    if line == len(lines) and lines and not lines[-1].endswith(("\r", "\n")):
        return Position(line, len(lines[-1]))  # after a last line that nothing ends
    return Position(line + 1, left)


def _common(left: Sequence[object], right: Sequence[object]) -> int:
    return next(_parting(left, right))


def _parting(left: Sequence[object], right: Sequence[object]) -> Iterator[int]:
    """Where the two part; their common length where they do not."""
    shorter = min(len(left), len(right))
    yield from (number for number in range(shorter) if left[number] != right[number])
    yield shorter
