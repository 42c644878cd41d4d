"""The call paths of a region's two sides, and where they part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Recording

Path = tuple[Frame, ...]
"""Frames, outermost first."""


Alike = Callable[[Frame, Frame], Literal["same", "corresponding"] | None]
"""Whether two frames' functions are one and the same (or written alike), or stand for each other
in programs that differ there."""
Common = tuple[tuple[Frame, Frame], ...]
"""The frames of the functions that both paths run through, outermost first, in pairs."""


@dataclass(frozen=True)
class Fork:
    """Where two call paths part: ``at`` is the first one's last frame in a common function, None
    where they have none; ``on`` what each goes on to, None where its operator is called there."""

    at: Frame | None
    on: tuple[Frame | None, Frame | None]


def call_path(recording: Recording, operator: int) -> Path:
    """The Python frames of one operator; for a backward one, of the forward one that made it."""
    found = recording.operators[operator]
    if found.forward is not None:
        found = recording.operators[found.forward]
    return tuple(recording.frames[i] for i in reversed(recording.stacks[found.stack]))


def run_path(recording: Recording, operator: int) -> Path:
    """The Python frames that an operator ran below; for a backward one those of the pass."""
    stack = recording.operators[operator].stack
    return tuple(recording.frames[i] for i in reversed(recording.stacks[stack]))


def forwards_in(path: Sequence[Frame]) -> int:
    """How many modules' ``forward`` functions a path runs through."""
    return sum(frame.function.rpartition(".")[2] == "forward" for frame in path)


def costliest(operators: Iterable[int], energy_j: Iterable[float]) -> int:
    """The operator with the largest of ``energy_j``; the first of equals."""
    return max(zip(operators, energy_j, strict=True), key=lambda pair: (pair[1], -pair[0]))[0]


def common_path(a: Path, b: Path, alike: Alike) -> Common:
    """Walk both paths down from the first function that they share, to where they go on from
    different places of one function or to different functions."""
    start = _first_shared(a, b, alike)
    if start is None:
        return ()
    i, j = start
    common = []
    while i < len(a) and j < len(b) and (how := alike(a[i], b[j])) is not None:
        common.append((a[i], b[j]))
        if how == "same" and not same_place(a[i], b[j]):
            break
        i, j = i + 1, j + 1
    return tuple(common)


def common_end(a: Path, b: Path, alike: Alike) -> Common:
    """The functions by which both paths end, each left from one place: above them one side may run
    functions of its own, as a wrapper is."""
    found = []
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if alike(x, y) != "same" or not same_place(x, y):
            break
        found.append((x, y))
    return tuple(reversed(found))


def parted_at(a: Path, b: Path, alike: Alike) -> Frame | None:
    """The last frame of ``a`` in a common function, from which ``b`` goes on differently; None
    where they share none, or go the same way to their ends."""
    found = fork(a, b, alike)
    return found.at if found is not None else None


def fork(a: Path, b: Path, alike: Alike) -> Fork | None:
    """Where the paths part, None where they go the same way to their ends."""
    common = common_path(a, b, alike)
    i, j = _first_shared(a, b, alike) or (0, 0)
    after = i + len(common), j + len(common)
    on = _at(a, after[0]), _at(b, after[1])
    if not common:
        return Fork(None, on) if a or b else None
    here, there = common[-1]
    same = alike(here, there) == "same" and same_place(here, there)
    return None if same and on == (None, None) else Fork(here, on)


def _at(path: Path, number: int) -> Frame | None:
    return path[number] if number < len(path) else None


def same_place(a: Frame, b: Frame) -> bool:
    """Whether two frames of one function are at the same place in it."""
    return _within(a) == _within(b)


def same_code(a: Frame, b: Frame) -> bool:
    """Whether two frames are of the same function."""
    return (a.path, a.function, a.first_line) == (b.path, b.function, b.first_line)


def _first_shared(a: Path, b: Path, alike: Alike) -> tuple[int, int] | None:
    for i, frame in enumerate(a):
        for j, other in enumerate(b):
            if alike(frame, other) is not None:
                return i, j
    return None


def _within(frame: Frame) -> tuple[int, int, int, int]:
    first = frame.first_line
    return frame.line - first, frame.column, frame.end_line - first, frame.end_column
