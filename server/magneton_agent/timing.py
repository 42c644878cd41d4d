"""Times every operator of a step, and nothing else."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import torch

from .collectives import finished
from .opaque_calls import OPAQUE, watching
from .schema.collectives import is_collective
from .schema.messages import StepTiming
from .step_mode import StepMode

_CALIBRATION_OPERATORS, _CALIBRATIONS = 200, 5  # the fastest of five: load only ever adds
_QUEUED = 300  # operators: the queue holds about a thousand submissions, three for each
_WAITED = 0.75  # submitting takes half of the lead
_GPU_CYCLES_A_SECOND = 2e9  # a little more than boards run at: the lead may be longer, not shorter


class TimingMode(StepMode):
    """Collects wall and CPU time of each operator; on a GPU, the time between its events."""

    def __init__(self, cuda: bool) -> None:
        super().__init__()
        self.names: list[str] = []
        self._marks: list[tuple[int, int, int, int]] = []  # wall and CPU ns, before and after
        self._events: list[tuple[torch.cuda.Event, torch.cuda.Event]] | None = [] if cuda else None

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Timed."""
        name = func._schema.name
        self.names.append(name)
        if is_collective(name):
            return self._timed(finished, (func, args, kwargs), {})
        return self._timed(func, args, kwargs)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Timed as one operator, as the recording has it."""
        self.names.append(OPAQUE + name)
        return self._timed(call, (), {})

    def _timed(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self._events is not None:
            return self._on_gpu(func, args, kwargs)
        cpu_start, start = time.process_time_ns(), time.perf_counter_ns()
        result = func(*args, **kwargs)
        end, cpu_end = time.perf_counter_ns(), time.process_time_ns()
        self._marks.append((start, end, cpu_start, cpu_end))
        return result

    def _on_gpu(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        before = torch.cuda.Event(enable_timing=True)
        after = torch.cuda.Event(enable_timing=True)
        cpu_start, start = time.process_time_ns(), time.perf_counter_ns()
        before.record()
        result = func(*args, **kwargs)
        after.record()
        end, cpu_end = time.perf_counter_ns(), time.process_time_ns()
        self._marks.append((start, end, cpu_start, cpu_end))
        if self._events is not None:
            self._events.append((before, after))
        return result

    def timing(self, wall_s: float, cpu_s: float) -> StepTiming:
        """The step's timing; ``wall_s`` and ``cpu_s`` are the whole step's."""
        inside_s = [(end - start) / 1e9 for start, end, _, _ in self._marks]
        inside_cpu_s = [(end - start) / 1e9 for _, _, start, end in self._marks]
        durations = inside_s
        if self._events is not None:
            torch.cuda.synchronize()
            durations = [before.elapsed_time(after) / 1e3 for before, after in self._events]
        return StepTiming(
            duration_s=tuple(durations),
            cpu_s=tuple(inside_cpu_s),
            between_s=max(0.0, wall_s - sum(inside_s)),
            between_cpu_s=max(0.0, cpu_s - sum(inside_cpu_s)),
        )


def time_step(
    step: Callable[[], object], cuda: bool, lead_s: float = 0.0
) -> tuple[StepTiming, list[str], object]:
    """Run ``step`` once: its timing, the operators' names in order, and what it returned.

    On a GPU the queue is held for ``lead_s`` first, so that the step is submitted before it runs:
    else the time between two events would be mostly that of submitting.
    """
    mode = TimingMode(cuda)
    if cuda:
        torch.cuda._sleep(int(lead_s * _GPU_CYCLES_A_SECOND))
    cpu_start, start = time.process_time(), time.perf_counter()
    with watching(mode), mode:
        result = step()
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_start
    return mode.timing(wall_s, cpu_s), mode.names, result


def lead_after(timing: StepTiming, lead_s: float | None) -> float:
    """How long to hold the queue before the next step, from a step and the lead it was given.

    Twice what submitting takes. A step that took the host most of its lead waited for the device
    itself: it cannot be submitted ahead, and held back it would hide its own time. A long step
    waits only for room in the queue.
    """
    host_s = timing.between_s + sum(timing.cpu_s)
    if lead_s is None:
        return 2 * host_s
    waited = host_s > _WAITED * lead_s and len(timing.duration_s) < _QUEUED
    return 0.0 if waited else lead_s


def mode_overhead_s() -> float:
    """What the timing mode itself adds to the time between two operators, measured on tiny ones."""
    tiny = torch.zeros(1)

    def loop() -> None:
        for _ in range(_CALIBRATION_OPERATORS):
            torch.neg(tiny)

    plain_s, traced_s = math.inf, math.inf
    for _ in range(_CALIBRATIONS):
        start = time.perf_counter()
        loop()
        plain_s = min(plain_s, time.perf_counter() - start)
        timing, _, _ = time_step(loop, cuda=False)
        traced_s = min(traced_s, timing.between_s + sum(timing.duration_s))
    return max(0.0, (traced_s - plain_s) / _CALIBRATION_OPERATORS)
