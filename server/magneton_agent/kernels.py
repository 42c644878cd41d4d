"""Which kernels each operator launched on a GPU: a second run of the step under torch's profiler.

Every operator runs in a range named after its number; what was launched within a range is its.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from .opaque_calls import OPAQUE, watching
from .schema.recording import Kernel, Operator, Recording
from .step import Step
from .step_mode import StepMode

_RANGE = "magneton operator "
_TAKE_OFF = "TEARDOWN_CUPTI"  # what torch's profiler reads when it ends


class Launched(Protocol):
    """A kernel as the profiler tells it; ``duration`` in microseconds."""

    name: str
    duration: float


class Event(Protocol):
    """A range on the CPU as the profiler tells it, with the kernels launched right in it."""

    name: str
    id: int

    @property
    def kernels(self) -> Sequence[Launched]: ...

    @property
    def cpu_children(self) -> Sequence[Event]: ...


def profiled(step: Step) -> tuple[list[str], list[tuple[Kernel, ...]], object]:
    """Run ``step`` once: its operators' names in order, the kernels of each, and its result.

    Raises: whatever the step raises.
    """
    mode = _RangeMode()
    activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
    with taken_off(), profile(activities=activities) as profiler, watching(mode), mode:
        result = step()
        torch.cuda.synchronize()
    events = profiler.events()
    return mode.names, kernels_by_operator(events or (), len(mode.names)), result


@contextmanager
def taken_off() -> Iterator[None]:
    """Have a profiler that ends within take its hooks off the driver: left on they cost every
    launch until the process ends (on an H200 a quarter of GPT-2's host time), and the steps that
    are measured come later."""
    before = os.environ.get(_TAKE_OFF)
    os.environ.setdefault(_TAKE_OFF, "1")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_TAKE_OFF, None)


def with_kernels(
    recording: Recording, names: Sequence[str], kernels: Sequence[tuple[Kernel, ...]]
) -> Recording:
    """``recording`` with what each operator launched; as it is where the profiled step ran other
    operators, which cannot be told apart."""
    if list(names) != [operator.name for operator in recording.operators]:
        return recording
    operators: tuple[Operator, ...] = tuple(
        replace(operator, kernels=launched)
        for operator, launched in zip(recording.operators, kernels, strict=True)
    )
    return replace(recording, operators=operators)


def kernels_by_operator(events: Iterable[Event], count: int) -> list[tuple[Kernel, ...]]:
    """The kernels launched within each of ``count`` numbered ranges, in order of launch."""
    found: list[tuple[Kernel, ...]] = [()] * count
    for event in events:
        number = event.name.removeprefix(_RANGE)
        if number != event.name and int(number) < count and (own := _launched(event)):
            found[int(number)] = own  # the GPU's copy of a range has launched nothing
    return found


def _launched(event: Event) -> tuple[Kernel, ...]:
    found: list[Kernel] = []
    seen: set[int] = set()
    waiting = [event]
    while waiting:
        current = waiting.pop()
        # The profiler's own work within a range carries the range's id, and its kernels again.
        if current.id not in seen:
            seen.add(current.id)
            found += [Kernel(each.name, each.duration / 1e6) for each in current.kernels]
        waiting.extend(reversed(current.cpu_children))
    return tuple(found)


class _RangeMode(StepMode):
    """Puts every operator that the recording has into a range of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """In a range."""
        with self._range(func._schema.name):
            return func(*args, **kwargs)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """In one range."""
        with self._range(OPAQUE + name):
            return call()

    def _range(self, name: str) -> record_function:
        self.names.append(name)
        return record_function(f"{_RANGE}{len(self.names) - 1}")
