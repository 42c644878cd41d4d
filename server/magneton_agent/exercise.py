"""Runs one calibration kernel instead of the program's step."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from .schema.messages import Exercise
from .step import Step, Steps, T

_AHEAD = 2  # steps that a GPU may have waiting: its queue is kept full, and not for minutes
_IDLE_S = 0.01


def served(steps: Steps[T], step: Step) -> T:
    """What the request ``steps`` answers when ``step`` stands for the program's own."""
    around = next(steps)
    while True:
        try:
            around = steps.send(around(step))
        except StopIteration as done:
            answer: T = done.value
            return answer


@contextmanager
def kernel(request: Exercise, cuda: bool) -> Iterator[Step]:
    """A step of ``request.calls`` calls of the kernel, its tensors and settings in place while
    the context is entered."""
    threads, allowed = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    torch.set_num_threads(request.threads or threads)
    torch.backends.cuda.matmul.allow_tf32 = request.tf32
    try:
        with torch.no_grad():
            call = _call(request, torch.device("cuda") if cuda else torch.device("cpu"))
            yield _bounded(_in_graph(call, request.calls)) if _on_gpu(request, cuda) else call
    finally:
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = allowed


def _on_gpu(request: Exercise, cuda: bool) -> bool:
    return cuda and request.kind != "idle"


def _call(request: Exercise, device: torch.device) -> Step:
    if request.kind == "idle":
        return lambda: time.sleep(_IDLE_S)
    dtype: torch.dtype = getattr(torch, request.dtype)
    flat = request.kind in ("add", "copy")
    shape = (request.size,) if flat else (request.size, request.size)
    # Values change power: these are spread as those of a network are, not constant.
    a, b = (torch.randn(shape, device=device).to(dtype) for _ in range(2))
    result = torch.empty_like(a)
    calls: dict[str, Step] = {
        "product": lambda: torch.mm(a, b, out=result),
        "transpose": lambda: result.copy_(a.t()),
        "softmax": lambda: torch.softmax(a, -1),
        "add": lambda: torch.add(a, b, out=result),
        "copy": lambda: result.copy_(a),
    }
    return calls[request.kind]


def _in_graph(call: Step, calls: int) -> Step:
    """A step that launches ``calls`` calls at once, so that none waits for Python."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        call()  # libraries take their memory now, not while captured
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(calls):
            call()
    replay: Callable[[], None] = graph.replay
    return replay


def _bounded(step: Step) -> Step:
    waiting: deque[torch.cuda.Event] = deque()

    def launch() -> None:
        step()
        event = torch.cuda.Event()
        event.record()
        waiting.append(event)
        if len(waiting) > _AHEAD:
            waiting.popleft().synchronize()

    return launch
