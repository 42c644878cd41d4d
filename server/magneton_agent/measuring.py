"""Measures whole steps, untraced."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import torch

from .meters.cpu import cpu_time_s
from .meters.meter import Absence, Meter, Reading, Span
from .pacing import DeviceMarks, inner, paced
from .schema.messages import Measure, Measured, Sample
from .schema.meters import DomainEnergy, DomainPower
from .step import Exhausted, Step, Steps


@dataclass(frozen=True)
class Run:
    """``steps`` that were run, the CPU time that all of them took, and the mean time of one, s;
    ``started_s`` is of the monotonic clock. ``span`` are whole steps among them, with others before
    and after; ``gaps_s`` is the time between the steps, all together."""

    steps: int
    step_s: float
    cpu_s: float
    started_s: float
    span: Span | None = None
    gaps_s: float = 0.0


def measure(
    request: Measure, cuda: bool, meters: Sequence[Meter], repeatable: bool
) -> Steps[Measured]:
    """One sample over at least ``request.steps`` steps and ``request.window_s`` seconds.

    With ``meters``, energy is their mean power in the window times the mean step: the queue is
    never drained inside the window. Where a script does something else between its steps, the
    device is taken to idle then, and the rest of the window's energy is the steps'. ``repeatable``
    says that the step is ours to call, as often as the window needs: on a GPU the window is then
    made of whole steps, and as many more run before and after it as the meters need to tell its
    edges.
    """
    margin_s = max((meter.margin_s for meter in meters), default=0.0)
    with ExitStack() as stack:
        windows = [stack.enter_context(meter.window()) for meter in meters]
        if repeatable and cuda:
            run = yield from _run_on_gpu(request, margin_s)
        else:
            run = yield from (_run_callable if repeatable else _run_script)(request, cuda)
        ended_s = time.monotonic()
    readings = [window.reading(run.span) for window in windows]
    powers = [
        each for reading in readings if isinstance(reading, Reading) for each in reading.powers
    ]
    gaps_j = _above_idle_j(powers, meters, run.gaps_s / run.steps)
    energies = tuple(
        DomainEnergy(power.domain, power.power_w * run.step_s + between_j)
        for power, between_j in zip(powers, gaps_j, strict=True)
    )
    meters_cpu_s = sum(each.cpu_s for each in readings)
    absences = tuple(each.reason for each in readings if isinstance(each, Absence))
    sample = Sample(
        steps=run.steps,
        duration_s=run.step_s,
        cpu_s=max(0.0, run.cpu_s - meters_cpu_s) / run.steps,
        # A sum that lacks a part is no sum: one meter that said nothing leaves the window out.
        energy_j=None if absences or not energies else sum(each.energy_j for each in energies),
        energies=() if absences else energies,
        started_s=run.started_s,
        ended_s=ended_s,
        gaps_s=run.gaps_s,
        between_j=0.0 if absences else sum(gaps_j),
    )
    boards = tuple(board for each in readings if isinstance(each, Reading) for board in each.boards)
    return Measured((sample,), absences, boards)


def _above_idle_j(
    powers: Sequence[DomainPower], meters: Sequence[Meter], gap_s: float
) -> list[float]:
    """What the mean power of each domain is above idling, over the gap of one step, J: the step
    has it if the domain only idled in the gap. 0 where idle power is not known."""
    idle_w = {each.domain: each.power_w for meter in meters for each in meter.idle}
    return [
        max(0.0, each.power_w - idle_w.get(each.domain, each.power_w)) * gap_s for each in powers
    ]


def _run_on_gpu(request: Measure, margin_s: float) -> Steps[Run]:
    """Steps without a pause; those at either end are run, and not counted."""
    runs: list[Run] = []

    def loop(step: Step) -> None:
        synchronise(True)
        cpu_start, started_s = cpu_time_s(), time.monotonic()
        duration_s = request.window_s + 2 * margin_s if request.window_s else 0.0
        boundaries = paced(step, request.steps, duration_s, DeviceMarks())
        cpu_s = cpu_time_s() - cpu_start
        first, last = inner(boundaries, margin_s)
        span = Span(first.time_s, last.time_s)
        step_s = span.duration_s / (last.steps - first.steps)
        runs.append(Run(boundaries[-1].steps, step_s, cpu_s, started_s, span))

    yield loop
    return runs[0]


def _run_callable(request: Measure, cuda: bool) -> Steps[Run]:
    """The whole window in one go: reading CPU time takes longer than a short step does."""
    runs: list[Run] = []

    def loop(step: Step) -> None:
        synchronise(cuda)
        cpu_start, started_s, start = cpu_time_s(), time.monotonic(), time.perf_counter()
        done = 0
        while done < request.steps or time.perf_counter() - start < request.window_s:
            step()  # what it returns is not held while the next one runs
            done += 1
        synchronise(cuda)
        duration_s = time.perf_counter() - start
        runs.append(Run(done, duration_s / done, cpu_time_s() - cpu_start, started_s))

    yield loop
    return runs[0]


def _run_script(request: Measure, cuda: bool) -> Steps[Run]:
    """A script comes to its steps by itself. One that ends early ends the window early."""
    synchronise(cuda)
    done, waited_s, waited_cpu_s = 0, 0.0, 0.0
    cpu_start, started_s, start = cpu_time_s(), time.monotonic(), time.perf_counter()
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
    cpu_s = cpu_time_s() - cpu_start - waited_cpu_s
    return Run(done, duration_s / done, cpu_s, started_s, gaps_s=waited_s)


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
