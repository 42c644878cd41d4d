"""The call paths of a region's two sides, and where they part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Recording

Path = tuple[Frame, ...]
"""Frames, outermost first."""


@dataclass(frozen=True)
class Divergence:
    """``common`` pairs the frames of the functions that both paths run through, outermost first.

    ``callee_a`` and ``callee_b`` are the next frames after the last common one, None where the
    path ends there. ``same_place`` says whether the last common function goes on from the same
    place on both sides.
    """

    common: tuple[tuple[Frame, Frame], ...]
    callee_a: Frame | None
    callee_b: Frame | None
    same_place: bool


def call_path(recording: Recording, operator: int) -> Path:
    """The Python frames of one operator; for a backward one, of the forward one that made it."""
    found = recording.operators[operator]
    if found.forward is not None:
        found = recording.operators[found.forward]
    return tuple(recording.frames[i] for i in reversed(recording.stacks[found.stack]))


def forwards_in(path: Sequence[Frame]) -> int:
    """How many modules' ``forward`` functions a path runs through."""
    return sum(frame.function.rpartition(".")[2] == "forward" for frame in path)


def costliest(operators: Iterable[int], energy_j: Iterable[float]) -> int:
    """The operator with the largest of ``energy_j``; the first of equals."""
    return max(zip(operators, energy_j, strict=True), key=lambda pair: (pair[1], -pair[0]))[0]


def divergence(a: Path, b: Path) -> Divergence:
    """Walk both paths down from the first function that they share."""
    start = _first_shared(a, b)
    if start is None:
        return Divergence((), None, None, False)
    i, j = start
    common = []
    while i < len(a) and j < len(b) and _code(a[i]) == _code(b[j]):
        common.append((a[i], b[j]))
        i, j = i + 1, j + 1
        if not _same_place(*common[-1]):
            break
    callee_a = a[i] if i < len(a) else None
    callee_b = b[j] if j < len(b) else None
    return Divergence(tuple(common), callee_a, callee_b, _same_place(*common[-1]))


def _first_shared(a: Path, b: Path) -> tuple[int, int] | None:
    positions = {_code(frame): j for j, frame in reversed(list(enumerate(b)))}
    for i, frame in enumerate(a):
        if _code(frame) in positions:
            return i, positions[_code(frame)]
    return None


def _code(frame: Frame) -> tuple[str, str, int]:
    return frame.path, frame.function, frame.first_line


def _same_place(a: Frame, b: Frame) -> bool:
    return (a.line, a.column, a.end_line, a.end_column) == (
        b.line,
        b.column,
        b.end_line,
        b.end_column,
    )
