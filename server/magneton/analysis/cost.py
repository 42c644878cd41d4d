"""Where one side's step energy goes: operators, idle, host, and what is left.

An operator's energy is all that the device draws while it runs; idle is what the device draws
anyway in the rest of the step. So an operator that keeps the device waiting costs what it costs.
Operators + idle + host + residual = the step's energy. The residual is what operator times do not
explain; it is shown, never spread.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from magneton_agent.schema.messages import Loaded, Sample, StepTiming
from magneton_agent.schema.quantity import Absent, Figure, Quantity, Source
from magneton_agent.schema.recording import Recording

from .power import CpuPowerModel
from .statistics import Interval, mean_interval, typical_interval

LARGEST_RESIDUAL = 0.25
LARGEST_MEASURED_RESIDUAL = 0.10  # a model's coefficients are nobody's own: it is given more
_MOSTLY = 0.95  # of a figure must be replayed for all of it to be called so
_SHORT_S = 0.001
_HOST = ("package", "memory")
_ENOUGH_CPU_TIME_S = 0.04  # ten scheduler ticks: CPU time of another thread comes in ticks


@dataclass(frozen=True)
class Timing:
    """Operator times of one side: ``blocks`` of timed steps, taken in turn with the other side."""

    blocks: tuple[tuple[StepTiming, ...], ...]

    @property
    def steps(self) -> tuple[StepTiming, ...]:
        return tuple(step for block in self.blocks for step in block)


@dataclass(frozen=True)
class SideCost:
    """One side's step, split.

    ``duration_s`` and ``power_w`` are per operator: its median time, and what the device draws
    while it runs. Energies are joules a step, ``cpu_s`` is CPU time a step; ``boards_j`` is each
    board's part by the name of its domain. ``replay_errors`` has, for every replayed operator, the
    relative half width of its energy's interval.
    """

    energy_j: Quantity
    step_s: Quantity
    idle_j: Quantity
    host_j: Figure
    operators_j: Quantity
    residual_j: Quantity
    duration_s: tuple[float, ...]
    power_w: tuple[float, ...]
    timing: Timing
    cpu_s: Quantity
    boards_j: dict[str, Quantity] = field(default_factory=dict)
    replay_errors: dict[int, float] = field(default_factory=dict)

    @property
    def to_whole_steps(self) -> float:
        """What a saving found in timed steps is worth in whole ones: below 1 where the timed
        steps took more than the whole ones, so that nobody can save more than the step."""
        timed_j = self.energy_j.value - self.residual_j.value
        return min(1.0, self.energy_j.value / timed_j) if timed_j > 0 else 1.0

    def energy_of(self, operators: Iterable[int]) -> Quantity:
        """Energy of a set of operators, J a step."""
        chosen = tuple(operators)
        rest = tuple(i for i in chosen if i not in self.replay_errors)
        value, rest_j = self._sum_j(chosen), self._sum_j(rest)
        doubt_j = self._replay_doubt_j(chosen) + rest_j * self._spread(rest, self.power_w)
        source: Source = "apportioned" if self.replay_errors else self.operators_j.source
        if len(rest) < len(chosen) and value - rest_j >= _MOSTLY * value:
            source = "replayed"
        return Quantity(value, value - doubt_j, value + doubt_j, source)

    def replay_error_of(self, operators: Iterable[int]) -> float:
        """How far replaying may be wrong of a set's energy, relative to all of it."""
        chosen = tuple(operators)
        value = self._sum_j(chosen)
        return self._replay_doubt_j(chosen) / value if value else 0.0

    def duration_of(self, operators: Iterable[int]) -> Quantity:
        """Time of a set of operators, s a step."""
        chosen = tuple(operators)
        value = sum(self.duration_s[i] for i in chosen)
        return _around(value, self._spread(chosen, (1.0,) * len(self.power_w)), "measured")

    def blocks_of(self, operators: Sequence[int], weights: Sequence[float]) -> list[float]:
        """Per block the operators' weighted time, each in the step that ran it fastest: what else
        runs on the machine only ever adds to an operator, and seldom to the same one in all steps
        of a block."""
        return [
            sum(weights[i] * min(step.duration_s[i] for step in block) for i in operators)
            for block in self.timing.blocks
        ]

    def _sum_j(self, operators: Iterable[int]) -> float:
        return sum(self.duration_s[i] * self.power_w[i] for i in operators)

    def _replay_doubt_j(self, operators: Iterable[int]) -> float:
        """Errors of one session go the same way: they are added."""
        errors = self.replay_errors
        return sum(self._sum_j((i,)) * errors[i] for i in operators if i in errors)

    def _spread(self, operators: Sequence[int], weights: Sequence[float]) -> float:
        """Relative half width of the 95 % interval."""
        if not operators:
            return 0.0
        width = typical_interval(self.blocks_of(operators, weights)).relative_half_width
        return min(width, 1.0)


def retimed(cost: SideCost, timing: Timing) -> SideCost:
    """``cost`` with operator times of other processes; whole steps as they were."""
    return replace(cost, timing=timing, duration_s=_median_durations(timing, len(cost.duration_s)))


def residual(
    energy_j: Quantity, operators_j: Quantity, idle_j: Quantity, host_j: Figure
) -> Quantity:
    """What is left of a step's energy beside its parts, J; their doubts are independent."""
    parts = [operators_j, idle_j] + ([host_j] if isinstance(host_j, Quantity) else [])
    rest = energy_j.value - sum(part.value for part in parts)
    doubt = math.hypot(*((part.high - part.low) / 2 for part in (*parts, energy_j)))
    return Quantity(rest, rest - doubt, rest + doubt, operators_j.source)


def residual_warning(cost: SideCost) -> str | None:
    """What to say where operators, idle and host do not explain the step's energy."""
    share = cost.residual_j.value / cost.energy_j.value
    measured = cost.energy_j.source == "measured"
    if abs(share) <= (LARGEST_MEASURED_RESIDUAL if measured else LARGEST_RESIDUAL):
        return None
    reason = "whole steps and timed steps met another machine; run again on a quieter one"
    if cost.step_s.value < _SHORT_S:
        reason = "a step this short is mostly timing; let it do more at a time"
    elif cost.replay_errors:
        reason = "in the step they meet other caches and clocks than when they are run alone"
    return (
        f"{abs(share):.0%} of the energy is residual "
        f"({'not explained by' if share > 0 else 'less than'} operators, idle and host): {reason}"
    )


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
        durations=_median_durations(timing, len(recording.operators)),
        timing=timing,
    )
    if _sensed(loaded) and loaded.device != "cpu":
        return _board_cost(loaded, samples, measured)
    cpus = [busy.get(operator.name, busy[None]) for operator in recording.operators]
    return _cpu_cost(loaded, measured, cpus)


def step_energies_j(loaded: Loaded, samples: Sequence[Sample]) -> list[float]:
    """The step's energy in every window that has one, in order, J."""
    if _sensed(loaded):
        return [sample.energy_j for sample in samples if sample.energy_j is not None]
    model = CpuPowerModel()
    return [
        model.idle_j(loaded.cpus, sample.duration_s) + model.busy_j(sample.cpu_s)
        for sample in samples
    ]


@dataclass(frozen=True)
class _Measured:
    """What whole steps and timed ones gave: time (s), CPU time (s) and energy (J) of a step."""

    step: Interval
    cpu: Interval
    energy: Interval
    durations: tuple[float, ...]
    timing: Timing


def _energy(loaded: Loaded, samples: Sequence[Sample]) -> Interval:
    """Energy of a step, J. The interval is widened by what an external meter's clock leaves open:
    all windows share that, so that their spread does not show it."""
    energies_j = step_energies_j(loaded, samples)
    energy = (mean_interval if _sensed(loaded) else typical_interval)(energies_j)
    errors = [each.error for each in loaded.meters if each.name == "csv" and each.error is not None]
    doubt_j = max(errors, default=0.0) * energy.value
    low_j, high_j = (math.hypot(x - energy.value, doubt_j) for x in (energy.low, energy.high))
    return Interval(energy.value, energy.value - low_j, energy.value + high_j)


def _sensed(loaded: Loaded) -> bool:
    return loaded.meter != "model"


def _cpu_cost(loaded: Loaded, measured: _Measured, busy: Sequence[float]) -> SideCost:
    """Energy of CPU time: by the model, or so that idle and CPU time make up what was measured."""
    model, durations = CpuPowerModel(), measured.durations
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
    operators_j = _around(total, min(typical_interval(sums).relative_half_width, 1.0), shared)
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


def _median_durations(timing: Timing, operators: int) -> tuple[float, ...]:
    steps = timing.steps
    return tuple(statistics.median(step.duration_s[i] for step in steps) for i in range(operators))


def _rest_of(step: Interval, durations: Sequence[float]) -> Interval:
    """The part of the step in which no operator runs, s; none where operators overlap."""
    busy_s, found = sum(durations), step.bounded()
    return Interval(
        max(0.0, found.value - busy_s), max(0.0, found.low - busy_s), max(0.0, found.high - busy_s)
    )


def _around(value: float, relative: float, source: Source) -> Quantity:
    return Quantity(value, value * (1 - relative), value * (1 + relative), source)
