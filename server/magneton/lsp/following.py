"""Where the lines of a measured file are now: ranges follow edits, changed lines are given up."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

Lines = Sequence[str]
_LARGEST_DIFF = 400_000  # pairs of lines; beyond, only the unchanged head and tail are kept


def surviving_lines(measured: Lines, current: Lines) -> Mapping[int, int]:
    """For each 0-based line of ``measured`` that is still there, its line in ``current``.

    It depends on the two texts alone, so undoing an edit brings a line back. A line that could
    stand for more than one (the neighbour of an equal one was removed) is given up: a mark on
    the wrong line would be worse than none.
    """
    if measured == current:
        return {line: line for line in range(len(measured))}
    forwards = _align(measured, current)
    backwards = _align(measured[::-1], current[::-1])
    last, last_now = len(measured) - 1, len(current) - 1
    return {
        line: now for line, now in forwards.items() if backwards.get(last - line) == last_now - now
    }


def _align(measured: Lines, current: Lines) -> dict[int, int]:
    """Equal lines: the common head, then the common tail, then what lies between."""
    shorter = min(len(measured), len(current))
    head = _common(measured, current, shorter)
    tail = _common(measured[::-1], current[::-1], shorter - head)
    aligned = {line: line for line in range(head)}
    for back in range(1, tail + 1):
        aligned[len(measured) - back] = len(current) - back
    between = measured[head : len(measured) - tail]
    between_now = current[head : len(current) - tail]
    if len(between) * len(between_now) <= _LARGEST_DIFF:
        matcher = difflib.SequenceMatcher(None, between, between_now, autojunk=False)
        for start, start_now, size in matcher.get_matching_blocks():
            for offset in range(size):
                aligned[head + start + offset] = head + start_now + offset
    return aligned


def _common(left: Lines, right: Lines, most: int) -> int:
    count = 0
    while count < most and left[count] == right[count]:
        count += 1
    return count
