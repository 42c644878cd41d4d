"""Which kernels each operator launched on a GPU: a second run of the step under torch's profiler.

Every operator runs in a range named after its number; what was launched within a range is its.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import torch
from torch.profiler import ProfilerActivity, profile, record_function
from torch.utils._python_dispatch import TorchDispatchMode

from .opaque_calls import OPAQUE, watching
from .schema.recording import Kernel, Operator, Recording
from .step import Step

_RANGE = "magneton operator "


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
    with profile(activities=activities) as profiler, watching(mode), mode:
        result = step()
        torch.cuda.synchronize()
    events = profiler.events()
    return mode.names, kernels_by_operator(events or (), len(mode.names)), result


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


class _RangeMode(TorchDispatchMode):
    """Puts every operator that the recording has into a range of its own."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's constructor has no types
        self.names: list[str] = []
        self._pid, self._within_opaque = os.getpid(), False

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if self._within_opaque or func.namespace == "profiler" or os.getpid() != self._pid:
            return func(*args, **kwargs)
        with self._range(func._schema.name):
            return func(*args, **kwargs)

    def opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Put ``call`` into one range."""
        if self._within_opaque:
            return call()
        self._within_opaque = True
        try:
            with self._range(OPAQUE + name):
                return call()
        finally:
            self._within_opaque = False

    def _range(self, name: str) -> record_function:
        self.names.append(name)
        return record_function(f"{_RANGE}{len(self.names) - 1}")
