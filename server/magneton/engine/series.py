"""The samples of one side: windows of whole steps, blocks of steps with every operator timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from magneton_agent.schema.messages import Measure, Measured, Sample, StepTiming, Time, Timed
from magneton_agent.schema.meters import BoardState
from magneton_agent.schema.quantity import Absent, Figure

from ..analysis.all_ranks import windows_together_j
from ..analysis.apportioning import between_share, step_windows_j
from ..analysis.complete import known
from ..analysis.cost import SideCost
from ..analysis.statistics import far_outside, mean_interval, typical_interval
from ..analysis.stopping import NARROW
from .conditions import board_warnings
from .machine import Beside, cpu_times
from .ranks.rows import ranks_of
from .side import Side

_CPU_WINDOW_S, _BOARD_WINDOW_S = 0.2, 1.0
FEWEST = 4  # that an interval takes
_SHOWN = 3  # of the windows that lie far outside
_GAPS = 0.05  # of the time that a meter reads: more than that between the steps is told
_NOT_ADDED = Absent("boards that are modelled by their coefficients are not added up over ranks")
_LOG_WINDOW_S, _READINGS_A_WINDOW = 1.0, 10  # of an external meter


@dataclass
class Series:
    """What one side gave so far. ``blocks`` has one for every round, without steps where all of
    them were dropped."""

    side: Side
    digest: str
    samples: list[Sample] = field(default_factory=list)
    blocks: list[tuple[StepTiming, ...]] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    dropped: int = 0
    boards: list[BoardState] = field(default_factory=list)
    beside: Beside = field(default_factory=Beside)
    _reason: str = "its counter did not advance"

    @classmethod
    def of(cls, side: Side, digest: str) -> Series:
        """What ``side`` has given before: nothing, unless it is a trace."""
        taken = side.taken
        if taken is None:
            return cls(side, digest)
        samples, blocks = list(taken.samples), list(taken.blocks)
        return cls(side, digest, samples, blocks, set(taken.warnings), taken.dropped)

    @property
    def live(self) -> bool:
        """Whether it can give more."""
        return self.side.taken is None

    def windows_j(self) -> list[float | None]:
        """The step's energy in every window, of all ranks together where there are several, J; None
        in one that has none."""
        loaded, ranks = self.side.loaded, ranks_of(self.side)
        if ranks is None:
            return step_windows_j(loaded, self.samples)
        others = [each.samples for each in ranks.replies]
        others[ranks.shown] = self.samples
        return windows_together_j(loaded, others)

    def all_ranks(self, cost: SideCost) -> Figure | None:
        """The energy of a step of all ranks together, J; None of a single process. ``cost`` is that
        of the rank that is shown."""
        if ranks_of(self.side) is None:
            return None
        if cost.modelled is not None:
            return _NOT_ADDED
        if not (energies_j := known(self.windows_j())):
            return Absent("there is no window in which all ranks were read")
        if self.side.loaded.meter == "model":
            return typical_interval(energies_j).bounded().quantity("modelled")
        return mean_interval(energies_j).bounded().quantity("measured")

    @property
    def long_windows(self) -> bool:
        """Whether its windows are those of a counter that moves seldom."""
        return self.live and _has_board(self.side)

    def narrow(self) -> bool:
        """Whether the interval of the step's time, and of what its energy is from, is within
        2 %."""
        energies = [each.energy_j for each in self.samples if each.energy_j is not None]
        sensed = 2 * len(energies) >= len(self.samples)  # else the sensor is lost
        series = [
            [each.duration_s for each in self.samples],
            energies if energies and sensed else [each.cpu_s for each in self.samples],
        ]
        return all(typical_interval(each).relative_half_width <= NARROW for each in series)

    def notes(self) -> list[str]:
        """What a reader must know of how the figures were taken."""
        timed = self.dropped + sum(map(len, self.blocks))
        dropped = (
            f"{self.dropped} of {timed} timed steps ran other operators than the recorded one and "
            "do not count: the step does not always do the same work"
        )
        blocks = sum(map(bool, self.blocks))
        few = (
            f"only {blocks} blocks of timed steps are left, too few to bound "
            "what operators take: intervals from 0 to about twice a figure say no more than that"
        )
        return [
            *sorted(self.warnings),
            *board_warnings(self.boards),
            *([dropped] if self.dropped else []),
            *([few] if self.dropped and blocks < FEWEST else []),
            *self._outside(),
            *self._between_steps(),
            *self.beside.warnings(),
        ]

    def _outside(self) -> list[str]:
        """The windows that something else seems to have disturbed: their time, or their energy
        where a sensor was read, which somebody else on the board changes without the time."""
        durations_s = [each.duration_s for each in self.samples]
        read_j = [each.energy_j for each in self.samples if each.energy_j is not None]
        return [
            *_told_outside(durations_s, "s", "longer or shorter"),
            *_told_outside(read_j, "J", "more or less energy"),
        ]

    def between_share(self) -> float:
        """Of the energy that a meter read, the share that is the step's only if the device idled
        between steps."""
        return between_share(self.samples) if self.side.loaded.meter != "model" else 0.0

    def _between_steps(self) -> list[str]:
        """That a meter read much else than steps, and what was made of it."""
        if self.side.loaded.meter == "model":
            return []
        read = [each for each in self.samples if each.energy_j is not None]
        gaps_s = sum(each.gaps_s for each in read)
        whole_s = gaps_s + sum(each.steps * each.duration_s for each in read)
        if gaps_s <= _GAPS * whole_s:
            return []
        taken = (
            "the device is taken to idle then, and intervals reach down to where it draws as much "
            "as in a step"
            if self.between_share()
            else "the device is taken to draw as much then as in a step, because its idle power is "
            "not known, or not below that"
        )
        return [
            f"{gaps_s / whole_s:.0%} of the time in which energy was read lies between the steps "
            f"of {self.side.title}: {taken}. For a figure that does not need this put the step "
            "into a factory: its steps follow each other"
        ]

    def missed(self, reason: str) -> None:
        """Note why windows have no energy."""
        self._reason = reason
        self.warnings.add(reason)

    def lost(self) -> str | None:
        """Why the sensor that was found for this side cannot tell its energy, None where it can:
        it must have answered in as many windows as an interval takes."""
        sensed = sum(each.energy_j is not None for each in self.samples)
        sensing = self.live and self.side.loaded.meter != "model"
        if not sensing or sensed >= min(FEWEST, len(self.samples)):
            return None
        return (
            f"the energy of {self.side.title} was read in {sensed} of {len(self.samples)} "
            f"windows: {self._reason}"
        )

    async def measure(self) -> None:
        """Take one window of whole steps."""
        before, started_s = cpu_times(), time.monotonic()
        answer = await self.side.ask(_window(self.side), Measured)
        if ranks_of(self.side) is None:  # each reads the CPU time of its own process alone
            own_s = sum(each.steps * each.cpu_s for each in answer.samples)
            self.beside.add(before, cpu_times(), time.monotonic() - started_s, own_s)
        self.samples += answer.samples
        for warning in answer.warnings:
            self.missed(warning)
        self.boards += answer.boards

    async def time(self, steps: int) -> None:
        """Take one block of timed steps."""
        answer = await self.side.ask(Time(steps, self.digest), Timed)
        self.dropped += answer.dropped
        self.blocks.append(answer.steps)


def _told_outside(values: Sequence[float], unit: str, how: str) -> list[str]:
    if not (outside := far_outside(values)):
        return []

    def told(value: float) -> str:
        return f"{value:.3g} {unit}" if value >= 1 else f"{1000 * value:.3g} m{unit}"

    shown = ", ".join(map(told, sorted(outside)[-_SHOWN:]))
    return [
        f"{len(outside)} of {len(values)} windows of whole steps took far {how} than the others "
        f"({shown} a step, where the middle one took {told(statistics.median(values))}): "
        "something else may have run; they are kept, and widen the intervals"
    ]


def _window(side: Side) -> Measure:
    if side.loaded.meter == "csv":
        period_s = max((each.period_s or 0.0 for each in side.loaded.meters), default=0.0)
        return Measure(1, max(_LOG_WINDOW_S, _READINGS_A_WINDOW * period_s))
    return Measure(1, _BOARD_WINDOW_S if _has_board(side) else _CPU_WINDOW_S)


def _has_board(side: Side) -> bool:
    return side.loaded.meter.startswith("nvml")
