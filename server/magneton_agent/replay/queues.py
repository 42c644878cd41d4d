"""Runs a call without a pause, and knows how many calls are done at what time."""

from __future__ import annotations

import contextlib
import math
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

import torch

Call = Callable[[], object]
_BATCH_S = 0.002  # short enough for a fine clock, long enough to hide the launching of a batch
_QUEUED_S = 0.04  # longer than this thread is ever kept from launching
_MOST_CALLS = 1000
_WORTH_CAPTURING_S = 0.0003  # Python launches a longer one in less time than it takes
_TRIED = 5


class Progress:
    """How many calls were done when; ``turn`` adds to it."""

    def __init__(self) -> None:
        self._times_s, self._done = list[float](), list[int]()

    def mark(self, calls: int) -> None:
        """``calls`` more are done now."""
        self._times_s.append(time.monotonic())
        self._done.append(calls + (self._done[-1] if self._done else 0))

    @property
    def calls(self) -> int:
        return self._done[-1] if self._done else 0

    def duration_s(self, since_s: float) -> float | None:
        """Time of one call since ``since_s`` of the monotonic clock, None with too few marks."""
        first = min(bisect_left(self._times_s, since_s), max(0, len(self._times_s) - 2))
        if len(self._times_s) < 2:
            return None
        passed_s = self._times_s[-1] - self._times_s[first]
        return passed_s / (self._done[-1] - self._done[first])


class Queue(Protocol):
    """Runs calls until it is left; ``captured`` says whether a CUDA graph holds them."""

    progress: Progress
    captured: bool

    def turn(self) -> None:
        """Submit one batch, and wait until there is room for the next."""


class HostQueue:
    """Calls on the CPU, in batches."""

    captured = False

    def __init__(self, call: Call) -> None:
        start = time.perf_counter()
        for _ in range(_TRIED):
            call()
        once_s = (time.perf_counter() - start) / _TRIED
        self._call, self._batch = call, calls_in(_BATCH_S, once_s)
        self.progress = Progress()

    def turn(self) -> None:
        for _ in range(self._batch):
            self._call()
        self.progress.mark(self._batch)


class DeviceQueue:
    """Calls on a GPU, which always has some more to do while it finishes one batch."""

    def __init__(self, launch: Call, calls: int, batch_s: float, captured: bool) -> None:
        self._launch, self._calls, self.captured = launch, calls, captured
        self._room = max(2, math.ceil(_QUEUED_S / batch_s))
        self._queued = deque[torch.cuda.Event]()
        self.progress = Progress()

    def turn(self) -> None:
        self._launch()
        event = torch.cuda.Event()
        event.record()
        self._queued.append(event)
        while len(self._queued) > self._room:
            self._queued.popleft().synchronize()
            self.progress.mark(self._calls)


@contextlib.contextmanager
def device_queue(call: Call, stream: torch.cuda.Stream, capture: bool) -> Iterator[DeviceQueue]:
    """A queue of ``call`` on ``stream``, in CUDA graphs where they help and ``capture`` allows it.

    The device has nothing else to do, and nothing left when the context ends.
    """
    torch.cuda.synchronize()
    graph: torch.cuda.CUDAGraph | None = None
    with torch.cuda.stream(stream):
        try:
            once_s = _once_s(call)
            calls = calls_in(_BATCH_S, once_s)
            if capture and once_s < _WORTH_CAPTURING_S:
                graph = captured(call, calls)
            launch = graph.replay if graph is not None else _repeated(call, calls)
            launch()
            yield DeviceQueue(launch, calls, _timed_s(launch), graph is not None)
        finally:
            torch.cuda.synchronize()
            if graph is not None:
                graph.reset()


def captured(call: Call, calls: int) -> torch.cuda.CUDAGraph | None:
    """``calls`` calls in one graph, with memory of its own; None where they cannot be captured."""
    graph, pool = torch.cuda.CUDAGraph(), torch.cuda.graph_pool_handle()
    try:
        # Not torch.cuda.graph, which empties the program's cache of memory.
        graph.capture_begin(pool, capture_error_mode="thread_local")
        try:
            for _ in range(calls):
                call()
        finally:
            graph.capture_end()
    except RuntimeError:
        _leave_capture(pool)
        return None
    return graph


def calls_in(duration_s: float, once_s: float) -> int:
    """How many calls fill ``duration_s``: at least one, at most a thousand."""
    return max(1, min(_MOST_CALLS, math.ceil(duration_s / max(once_s, 1e-9))))


def _leave_capture(pool: tuple[int, int]) -> None:
    """Where a capture fails torch's allocator goes on serving it."""
    with contextlib.suppress(RuntimeError):
        torch._C._cuda_endAllocateToPool(torch.cuda.current_device(), pool)
    with contextlib.suppress(RuntimeError):
        torch.cuda.synchronize()


def _once_s(call: Call) -> float:
    for _ in range(_TRIED):
        call()  # the first calls pick kernels and take memory
    return _timed_s(_repeated(call, _TRIED)) / _TRIED


def _timed_s(launch: Call) -> float:
    """Time that the device takes for one launch."""
    before, after = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    before.record()
    launch()
    after.record()
    after.synchronize()
    return max(float(before.elapsed_time(after)) / 1e3, 1e-7)


def _repeated(call: Call, calls: int) -> Call:
    def launch() -> None:
        for _ in range(calls):
            call()

    return launch
