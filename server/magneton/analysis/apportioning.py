"""Divides a step's energy: what was measured among its parts, or a model's figures.

With a counter the step's energy is measured and operators get their share of it by time; without,
all of it is modelled from CPU time and step time.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.messages import Loaded, Sample
from magneton_agent.schema.quantity import Absent, Figure, Quantity, Source
from magneton_agent.schema.recording import Recording

from .complete import known
from .cost import SideCost, Timing, around, median_durations, residual
from .power import cpu_model
from .statistics import Interval, mean_interval, typical_interval

_HOST = ("package", "memory")
_ENOUGH_CPU_TIME_S = 0.04  # ten scheduler ticks: CPU time of another thread comes in ticks


def busy_cpus(sides: Iterable[tuple[Recording, Timing]]) -> dict[str | None, float]:
    """CPUs that an operator keeps busy while it runs, by name; None is all operators together.

    CPU time over time, pooled over both sides of a comparison: it is the operator's property, and
    one side's share of somebody else's load must not look like the operator's. Names that have
    not run long enough for that count as all together.
    """
    wall, cpu = defaultdict[str, float](float), defaultdict[str, float](float)
    for recording, timing in sides:
        names = [operator.name for operator in recording.operators]
        for step in timing.steps:
            for name, duration_s, cpu_s in zip(names, step.duration_s, step.cpu_s, strict=True):
                wall[name] += duration_s
                cpu[name] += cpu_s
    found: dict[str | None, float] = {
        name: cpu[name] / wall[name] for name in wall if wall[name] >= _ENOUGH_CPU_TIME_S
    }
    found[None] = sum(cpu.values()) / (sum(wall.values()) or 1.0)
    return found


def cost_of(
    recording: Recording,
    loaded: Loaded,
    samples: Sequence[Sample],
    timing: Timing,
    busy: dict[str | None, float],
) -> SideCost:
    """Split the step's energy. ``busy`` is from :func:`busy_cpus`.

    With a counter the step's energy is measured and operators get their share of it by time
    (``apportioned``); without, all of it is ``modelled`` from CPU time and step time.
    """
    measured = _Measured(
        step=typical_interval([sample.duration_s for sample in samples]),
        cpu=typical_interval([sample.cpu_s for sample in samples]),
        energy=_energy(loaded, samples),
        durations=median_durations(timing, len(recording.operators)),
        timing=timing,
    )
    if _sensed(loaded) and loaded.device != "cpu":
        return _board_cost(loaded, samples, measured)
    cpus = [busy.get(operator.name, busy[None]) for operator in recording.operators]
    return _cpu_cost(loaded, measured, cpus)


def step_windows_j(loaded: Loaded, samples: Sequence[Sample]) -> list[float | None]:
    """The step's energy in every window, J; None in one that has none."""
    if _sensed(loaded):
        return [sample.energy_j for sample in samples]
    model = cpu_model(loaded)
    return [
        model.idle_j(loaded.cpus, sample.duration_s) + model.busy_j(sample.cpu_s)
        for sample in samples
    ]


def between_share(samples: Iterable[Sample]) -> float:
    """Of what was read of the steps, the share that is theirs only if the device idled between
    them."""
    read = [(each.energy_j, each.between_j) for each in samples if each.energy_j is not None]
    whole_j = sum(energy_j for energy_j, _ in read)
    return sum(between_j for _, between_j in read) / whole_j if whole_j > 0 else 0.0


@dataclass(frozen=True)
class _Measured:
    """What whole steps and timed ones gave: time (s), CPU time (s) and energy (J) of a step."""

    step: Interval
    cpu: Interval
    energy: Interval
    durations: tuple[float, ...]
    timing: Timing


def _energy(loaded: Loaded, samples: Sequence[Sample]) -> Interval:
    """Energy of a step, J. The interval is widened by what an external meter's clock leaves open,
    and down to where the device drew as much between steps as within: all windows share both, so
    that their spread does not show it."""
    energies_j = known(step_windows_j(loaded, samples))
    energy = (mean_interval if _sensed(loaded) else typical_interval)(energies_j)
    errors = [each.error for each in loaded.meters if each.name == "csv" and each.error is not None]
    doubt_j = max(errors, default=0.0) * energy.value
    low_j, high_j = (math.hypot(x - energy.value, doubt_j) for x in (energy.low, energy.high))
    low_j = math.hypot(low_j, between_share(samples) * energy.value if _sensed(loaded) else 0.0)
    return Interval(energy.value, energy.value - low_j, energy.value + high_j)


def _sensed(loaded: Loaded) -> bool:
    return loaded.meter != "model"


def _cpu_cost(loaded: Loaded, measured: _Measured, busy: Sequence[float]) -> SideCost:
    """Energy of CPU time: by the model, or so that idle and CPU time make up what was measured."""
    model, durations = cpu_model(loaded), measured.durations
    idle_w, busy_w = model.idle_w * loaded.cpus, model.busy_w
    source: Source = "modelled"
    if _sensed(loaded):
        idle_w, source = loaded.idle_power_w or 0.0, "apportioned"
        beyond_j = max(0.0, measured.energy.value - idle_w * measured.step.value)
        busy_w = beyond_j / measured.cpu.value if measured.cpu.value else 0.0
    overhead_s = loaded.mode_overhead_s * len(durations)
    host_cpu_s = typical_interval(
        [
            statistics.median(max(0.0, step.between_cpu_s - overhead_s) for step in block)
            for block in measured.timing.blocks
        ]
    )
    host_j = host_cpu_s.bounded().quantity(source).scaled(busy_w)
    idle_j = _rest_of(measured.step, durations).quantity(source).scaled(idle_w)
    power_w = tuple(idle_w + busy_w * cpus for cpus in busy)
    whole: Source = "measured" if _sensed(loaded) else "modelled"
    return _split(measured, idle_j, host_j, power_w, whole, source)


def _board_cost(loaded: Loaded, samples: Sequence[Sample], measured: _Measured) -> SideCost:
    """What the boards took goes to operators by time; what the host took is the host's."""
    idle_w = loaded.idle_power_w or 0.0
    idle_j = _rest_of(measured.step, measured.durations).quantity("apportioned").scaled(idle_w)
    host_j = _host_of(samples)
    boards_j = measured.energy.value - (host_j.value if isinstance(host_j, Quantity) else 0.0)
    power_w = (boards_j / measured.step.value,) * len(measured.durations)
    cost = _split(measured, idle_j, host_j, power_w, "measured", "apportioned")
    return replace(cost, boards_j=_by_board(samples))


def _host_of(samples: Sequence[Sample]) -> Figure:
    host_j = [
        sum(each.energy_j for each in sample.energies if each.domain.kind in _HOST)
        for sample in samples
        if any(each.domain.kind in _HOST for each in sample.energies)
    ]
    if not host_j:
        return Absent("the board's energy counter does not cover the host")
    return mean_interval(host_j).bounded().quantity("measured")


def _by_board(samples: Sequence[Sample]) -> dict[str, Quantity]:
    found = defaultdict[str, list[float]](list)
    for sample in samples:
        for each in sample.energies:
            if each.domain.kind == "board":
                found[each.domain.name].append(each.energy_j)
    return {
        name: mean_interval(energies).bounded().quantity("measured")
        for name, energies in found.items()
    }


def _split(
    measured: _Measured,
    idle_j: Quantity,
    host_j: Figure,
    power_w: tuple[float, ...],
    whole: Source,
    shared: Source,
) -> SideCost:
    durations, timing = measured.durations, measured.timing
    total = sum(d * w for d, w in zip(durations, power_w, strict=True))
    sums = [
        statistics.median(
            sum(d * w for d, w in zip(step.duration_s, power_w, strict=True)) for step in block
        )
        for block in timing.blocks
    ]
    operators_j = around(total, min(typical_interval(sums).relative_half_width, 1.0), shared)
    energy_j = measured.energy.bounded().quantity(whole)
    return SideCost(
        energy_j=energy_j,
        step_s=measured.step.bounded().quantity("measured"),
        idle_j=idle_j,
        host_j=host_j,
        operators_j=operators_j,
        residual_j=residual(energy_j, operators_j, idle_j, host_j),
        duration_s=durations,
        power_w=power_w,
        timing=timing,
        cpu_s=measured.cpu.bounded().quantity("measured"),
    )


def _rest_of(step: Interval, durations: Sequence[float]) -> Interval:
    """The part of the step in which no operator runs, s; none where operators overlap."""
    busy_s, found = sum(durations), step.bounded()
    return Interval(
        max(0.0, found.value - busy_s), max(0.0, found.low - busy_s), max(0.0, found.high - busy_s)
    )
