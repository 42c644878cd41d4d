"""Where one side's step energy goes: operators, idle, host, and what is left.

An operator's energy is all that the device draws while it runs; idle is what the device draws
anyway in the rest of the step. So an operator that keeps the device waiting costs what it costs.
Operators + idle + host + residual = the step's energy. The residual is what operator times do not
explain; it is shown, never spread.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from magneton_agent.schema.messages import StepTiming
from magneton_agent.schema.quantity import Figure, Quantity, Source

from .statistics import typical_interval

LARGEST_RESIDUAL = 0.10
# A model's coefficients are nobody's own, and small steps are noisy: up to here it must be sure.
LARGEST_DOUBTFUL_RESIDUAL = 0.25
_MOSTLY = 0.95  # of a figure must be replayed for all of it to be called so
_SHORT_S = 0.001


@dataclass(frozen=True)
class Timing:
    """Operator times of one side: ``blocks`` of timed steps, taken in turn with the other side."""

    blocks: tuple[tuple[StepTiming, ...], ...]

    @property
    def steps(self) -> tuple[StepTiming, ...]:
        return tuple(step for block in self.blocks for step in block)


@dataclass(frozen=True)
class Modelled:
    """A device's coefficients: where they are from, and their relative ``error``."""

    origin: str
    error: float


@dataclass(frozen=True)
class SideCost:
    """One side's step, split.

    ``duration_s`` and ``power_w`` are per operator: its median time, and what the device draws
    while it runs. Energies are joules a step, ``cpu_s`` is CPU time a step; ``boards_j`` is each
    board's part by the name of its domain. ``replay_errors`` has, for every replayed operator, the
    relative half width of its energy's interval. ``modelled`` says what energies are computed from
    where that is the device's coefficients.
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
    modelled: Modelled | None = None

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
        doubt_j = self._doubt_j(chosen) + rest_j * self._spread(rest, self.power_w)
        source: Source = "apportioned" if self.replay_errors else self.operators_j.source
        if len(rest) < len(chosen) and value - rest_j >= _MOSTLY * value:
            source = "replayed"
        return Quantity(value, value - doubt_j, value + doubt_j, source)

    def error_of(self, operators: Iterable[int]) -> float:
        """How far replaying, or the device's coefficients, may be wrong of a set's energy, relative
        to all of it."""
        chosen = tuple(operators)
        value = self._sum_j(chosen)
        return self._doubt_j(chosen) / value if value else 0.0

    def duration_of(self, operators: Iterable[int]) -> Quantity:
        """Time of a set of operators, s a step."""
        chosen = tuple(operators)
        value = sum(self.duration_s[i] for i in chosen)
        return around(value, self._spread(chosen, (1.0,) * len(self.power_w)), "measured")

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

    def _doubt_j(self, operators: Iterable[int]) -> float:
        """Errors of one session, or of one model, go the same way: they are added."""
        errors, others = self.replay_errors, self.modelled.error if self.modelled else 0.0
        return sum(self._sum_j((i,)) * errors.get(i, others) for i in operators)

    def _spread(self, operators: Sequence[int], weights: Sequence[float]) -> float:
        """Relative half width of the 95 % interval."""
        if not operators:
            return 0.0
        width = typical_interval(self.blocks_of(operators, weights)).relative_half_width
        return min(width, 1.0)


def retimed(cost: SideCost, timing: Timing) -> SideCost:
    """``cost`` with operator times of other processes; whole steps as they were."""
    return replace(cost, timing=timing, duration_s=median_durations(timing, len(cost.duration_s)))


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
    doubtful = cost.energy_j.source != "measured" and not _surely_residual(cost)
    if abs(share) <= (LARGEST_DOUBTFUL_RESIDUAL if doubtful else LARGEST_RESIDUAL):
        return None
    reason = "whole steps and timed steps met another machine; run again on a quieter one"
    if cost.step_s.value < _SHORT_S:
        reason = "a step this short is mostly timing; let it do more at a time"
    elif len(cost.boards_j) > 1:
        reason = "only operators of the first board are timed; give each board a rank (--nproc)"
    elif cost.replay_errors:
        reason = "in the step they meet other caches and clocks than when they are run alone"
    return (
        f"{100 * abs(share):.0f} % of the energy is residual "
        f"({'not explained by' if share > 0 else 'less than'} operators, idle and host): {reason}"
    )


def _surely_residual(cost: SideCost) -> bool:
    """Whether the residual's interval lies wholly beyond what may be left unexplained."""
    largest_j = LARGEST_RESIDUAL * cost.energy_j.value
    return cost.residual_j.low > largest_j or cost.residual_j.high < -largest_j


def model_warning(cost: SideCost) -> str | None:
    """What to say where energies are computed from the device's coefficients."""
    if cost.modelled is None:
        return None
    return (
        "energy is computed from operations, bytes and time with the device's coefficients "
        f"({cost.modelled.origin}), which may be wrong by {100 * cost.modelled.error:.0f} %"
    )


def median_durations(timing: Timing, operators: int) -> tuple[float, ...]:
    """The median time of each of so many operators, s."""
    steps = timing.steps
    return tuple(statistics.median(step.duration_s[i] for step in steps) for i in range(operators))


def around(value: float, relative: float, source: Source) -> Quantity:
    """``value`` with an interval of the ``relative`` half width."""
    return Quantity(value, value * (1 - relative), value * (1 + relative), source)
