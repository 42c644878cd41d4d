"""Measures whole steps, untraced."""

from __future__ import annotations

import time

import torch

from .meters.cpu import cpu_time_s
from .meters.nvml import NvmlMeter, TickWindow
from .schema.messages import Measure, Measured, Sample
from .step import Exhausted, Step, Steps

Window = tuple[int, float, float]
"""Steps, seconds, CPU seconds."""


def measure(
    request: Measure, cuda: bool, meter: NvmlMeter | None, repeatable: bool
) -> Steps[Measured]:
    """One sample over at least ``request.steps`` steps and ``request.window_s`` seconds.

    With a ``meter``, energy is the board's mean power between whole ticks of its counter times
    the mean step: the queue is never drained inside the window. ``repeatable`` says that the step
    is ours to call, as often as the window needs.
    """
    run = _run_callable if repeatable else _run_script
    if meter is None:
        done, duration_s, cpu_s = yield from run(request, cuda)
        return Measured((Sample(done, duration_s / done, cpu_s / done, None),), ())
    with TickWindow(meter) as window:
        done, duration_s, cpu_s = yield from run(request, cuda)
    step_s, power_w = duration_s / done, window.mean_power_w()
    if power_w is None:
        warning = "a window was too short for two ticks of the energy counter"
        return Measured((Sample(done, step_s, cpu_s / done, None),), (warning,))
    return Measured((Sample(done, step_s, cpu_s / done, power_w * step_s),), ())


def _run_callable(request: Measure, cuda: bool) -> Steps[Window]:
    """The whole window in one go: reading CPU time takes longer than a short step does."""
    windows: list[Window] = []

    def loop(step: Step) -> None:
        synchronise(cuda)
        cpu_start, start = cpu_time_s(), time.perf_counter()
        done = 0
        while done < request.steps or time.perf_counter() - start < request.window_s:
            step()  # what it returns is not held while the next one runs
            done += 1
        synchronise(cuda)
        duration_s = time.perf_counter() - start
        windows.append((done, duration_s, cpu_time_s() - cpu_start))

    yield loop
    return windows[0]


def _run_script(request: Measure, cuda: bool) -> Steps[Window]:
    """A script comes to its steps by itself. One that ends early ends the window early."""
    synchronise(cuda)
    done, waited_s, waited_cpu_s = 0, 0.0, 0.0
    cpu_start, start = cpu_time_s(), time.perf_counter()
    elapsed_s, ended = 0.0, False
    while not ended and (done < request.steps or elapsed_s < request.window_s):
        left_cpu, left = cpu_time_s(), time.perf_counter()
        clock = _Clock()
        try:
            yield clock.run
            done += 1
        except Exhausted:
            if not done:
                raise
            ended = True
            clock.stop_waiting()
        # What a script does between its steps, or after the last, is not the step's.
        waited_s += clock.entered_s - left
        waited_cpu_s += clock.entered_cpu_s - left_cpu
        elapsed_s = time.perf_counter() - start - waited_s
    synchronise(cuda)
    duration_s = time.perf_counter() - start - waited_s
    return done, duration_s, cpu_time_s() - cpu_start - waited_cpu_s


class _Clock:
    """Notes when a step is entered, or that there is none left."""

    def __init__(self) -> None:
        self.entered_s = self.entered_cpu_s = 0.0

    def run(self, step: Step) -> object:
        self.stop_waiting()
        return step()

    def stop_waiting(self) -> None:
        self.entered_cpu_s, self.entered_s = cpu_time_s(), time.perf_counter()


def synchronise(cuda: bool) -> None:
    """Wait for all that was submitted to the GPU."""
    if cuda:
        torch.cuda.synchronize()
