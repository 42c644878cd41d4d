"""Keeps a GPU busy with steps, and knows when it was done with which.

A GPU takes a thousand launches ahead. Where each takes milliseconds that is seconds of work, which
a window would have to wait for: steps are submitted a tenth of a second ahead, and no more.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

_BATCH_S, _AHEAD_S = 0.01, 0.1
_LONG_S = 1.5  # a step that takes longer is not run twice more for the edges of a window


@dataclass(frozen=True)
class Boundary:
    """``steps`` were done at ``time_s`` of the performance counter."""

    steps: int
    time_s: float


class Mark(Protocol):
    """A place in what a device has been given to do."""

    def passed(self) -> bool: ...

    def wait(self) -> None: ...

    def time_s(self) -> float:
        """When it was passed, by the performance counter."""


def paced(
    step: Callable[[], object], steps: int, duration_s: float, mark: Callable[[], Mark]
) -> list[Boundary]:
    """Run ``step`` at least ``steps`` times, for at least ``duration_s``: when how many were done,
    from none on. Nothing is left to do afterwards. With a duration at least one step has another
    before and after it, unless that takes too long.

    ``mark`` makes a mark; the device has nothing to do when this begins.
    """
    found = [Boundary(0, mark().time_s())]
    waiting = deque[tuple[int, Mark]]()
    done, batch, room = 0, 1, 0  # one step first, to know how long it takes

    def see(left: int) -> None:
        while waiting and (len(waiting) > left or waiting[0][1].passed()):
            number, passed = waiting.popleft()
            passed.wait()
            found.append(Boundary(number, passed.time_s()))

    def short() -> bool:
        if done < steps or _end_s(found, done) - found[0].time_s < duration_s:
            return True
        return duration_s > 0 and done < 3 and _step_s(found) < _LONG_S

    while short():
        for _ in range(min(batch, steps - done) if duration_s <= 0 else batch):
            step()  # what it returns is not held while the next one runs
            done += 1
        waiting.append((done, mark()))
        see(room)
        batch, room = _batch(_step_s(found))
    see(0)
    return found


def inner(boundaries: Sequence[Boundary], margin_s: float) -> tuple[Boundary, Boundary]:
    """The first and the last of ``boundaries`` that have ``margin_s`` of steps before or after
    them; the first and the last of all where that leaves nothing."""
    low_s, high_s = boundaries[0].time_s + margin_s, boundaries[-1].time_s - margin_s
    inside = [each for each in boundaries if low_s <= each.time_s <= high_s]
    if len(inside) < 2:
        return boundaries[0], boundaries[-1]
    return inside[0], inside[-1]


def _batch(step_s: float) -> tuple[int, int]:
    """How many steps to submit at a time, and how many such batches may wait."""
    batch = max(1, int(_BATCH_S / step_s))
    return batch, max(2, math.ceil(_AHEAD_S / (batch * step_s)))


def _step_s(found: Sequence[Boundary]) -> float:
    """The mean step so far, without the first if there are others: the device waited for that."""
    first, last = found[min(1, len(found) - 2)], found[-1]
    return max(1e-7, (last.time_s - first.time_s) / (last.steps - first.steps))


def _end_s(found: Sequence[Boundary], submitted: int) -> float:
    """When the device will be done with what has been submitted."""
    last = found[-1]
    return last.time_s + (submitted - last.steps) * _step_s(found) if last.steps else last.time_s


class DeviceMarks:
    """Makes marks in the current stream of a GPU that has nothing to do now."""

    def __init__(self) -> None:
        self._origin = torch.cuda.Event(enable_timing=True)
        self._origin.record()
        self._origin.synchronize()
        self._origin_s = time.perf_counter()

    def __call__(self) -> Mark:
        event = torch.cuda.Event(enable_timing=True, blocking=True)
        event.record()
        return _DeviceMark(event, self._origin, self._origin_s)


@dataclass(frozen=True)
class _DeviceMark:
    event: torch.cuda.Event
    origin: torch.cuda.Event
    origin_s: float

    def passed(self) -> bool:
        return bool(self.event.query())

    def wait(self) -> None:
        self.event.synchronize()

    def time_s(self) -> float:
        self.wait()
        return self.origin_s + float(self.origin.elapsed_time(self.event)) / 1e3
