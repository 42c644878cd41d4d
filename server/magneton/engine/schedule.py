"""Takes blocks of both sides in turn, ABBA, so that a drift of the machine meets both alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError
from magneton_agent.schema.messages import (
    Checked,
    Measure,
    Measured,
    Sample,
    StepTiming,
    Time,
    Timed,
    names_digest,
)
from magneton_agent.schema.recording import Recording

from ..analysis.cost import Timing
from ..analysis.statistics import mean_interval
from .request import OnProgress, Options, Progress
from .runner import Runner

_TARGET = 0.02  # stop when the interval of every side is within 2 %
_FEWEST_ROUNDS, _MOST_ROUNDS = 4, 60
_CPU_WINDOW_S, _BOARD_WINDOW_S = 0.2, 1.2
_MEASURE_SHARE, _TIME_SHARE = 0.5, 0.3  # of the time budget
_TIMED_BLOCKS = 16  # enough for intervals that hold for a hundred regions at once
_MOST_STEPS_A_BLOCK = 3


@dataclass
class Series:
    """What one side gave so far."""

    samples: list[Sample] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)

    def narrow(self) -> bool:
        """Whether the interval of the step's time, and energy where read, is within 2 %."""
        series = [[each.duration_s for each in self.samples]]
        series.append([each.cpu_s for each in self.samples])
        if energies := [each.energy_j for each in self.samples if each.energy_j is not None]:
            series = [series[0], energies]
        return all(
            mean_interval(each).relative_half_width <= _TARGET for each in series if any(each)
        )


def alternating(sides: Sequence[Runner], rounds: int) -> list[Runner]:
    """A, then ABBA by ABBA: every round is a pair, each second one turned around."""
    order: list[Runner] = []
    for number in range(rounds):
        order += sides if number % 2 == 0 else reversed(sides)
    return order


async def measure_steps(
    sides: Sequence[Runner], options: Options, on_progress: OnProgress
) -> list[Series]:
    """Whole steps of every side, untraced, until every interval is narrow or time is up."""
    series = [Series() for _ in sides]
    deadline = time.monotonic() + _MEASURE_SHARE * options.time_budget_s
    started = time.monotonic()
    for side in sides:
        await side.ask(_window(side), Measured)  # the first window warms up and does not count
    for number in range(_MOST_ROUNDS):
        for side in alternating(sides, number + 1)[-len(sides) :]:
            answer = await side.ask(_window(side), Measured)
            found = series[sides.index(side)]
            found.samples += answer.samples
            found.warnings |= set(answer.warnings)
        enough = number + 1 >= _FEWEST_ROUNDS
        if enough and (time.monotonic() > deadline or all(each.narrow() for each in series)):
            break
        spent = (time.monotonic() - started) / (deadline - started + 1e-9)
        on_progress(Progress("measure", 0.3 + 0.35 * min(spent, 1.0), _rounds_done(number + 1)))
    return series


def _rounds_done(rounds: int) -> str:
    return f"measuring whole steps, round {rounds}"


def _window(side: Runner) -> Measure:
    return Measure(1, _BOARD_WINDOW_S if side.loaded.meter == "nvml" else _CPU_WINDOW_S)


async def time_operators(
    sides: Sequence[Runner],
    recordings: Sequence[Recording],
    checks: Sequence[Checked],
    options: Options,
    on_step: Callable[[float], None],
) -> list[Timing]:
    """Timing-only steps of every side in alternating blocks; at least 15 steps a side.

    ``on_step`` hears the share that is done.

    Raises:
        MagnetonError: a side never runs the recorded operators again.
    """
    digests = [names_digest(each.name for each in found.operators) for found in recordings]
    blocks: list[list[tuple[StepTiming, ...]]] = [[] for _ in sides]
    round_s = sum(check.step_s for check in checks) or 1.0
    affordable = int(_TIME_SHARE * options.time_budget_s / (_TIMED_BLOCKS * round_s))
    request_steps = max(1, min(_MOST_STEPS_A_BLOCK, affordable))
    for number, side in enumerate(alternating(sides, _TIMED_BLOCKS)):
        index = sides.index(side)
        answer = await side.ask(Time(request_steps, digests[index]), Timed)
        if answer.steps:
            blocks[index].append(answer.steps)
        on_step((number + 1) / (_TIMED_BLOCKS * len(sides)))
    for side, found in zip(sides, blocks, strict=True):
        if not found:
            raise MagnetonError(
                f"side {side.name} runs other operators in every step",
                "none of its timed steps ran the operators of the recorded one",
                "let the step do the same work each time it is called",
                exit_status=EXIT_SIDE_FAILED,
            )
    kept = min(len(each) for each in blocks)
    return [Timing(tuple(each[:kept])) for each in blocks]
