"""Takes samples of both sides in turn, ABBA, so that a drift of the machine meets both alike.

A round takes of each side one window of whole steps, untraced, and one block of steps whose
operators are timed: both then describe the same machine. Where a counter is read, whose windows
are long, rounds go on without them once they have told enough. A trace has been sampled before, and
only the other side is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError
from magneton_agent.schema.messages import Measure, Measured, names_digest

from ..analysis.complete import paired
from ..analysis.cost import Timing
from ..analysis.stopping import ERROR, enough, error_at
from .external import ExternalMeter
from .prepare import Prepared
from .request import OnProgress, Options, Progress
from .rounds import complete, shortened
from .series import FEWEST, Series
from .side import Side

BLOCKS = 16  # enough for intervals that hold for a hundred regions at once
_FEWEST_WINDOWS, _MOST_ROUNDS = 6, 60
_MEASURE_SHARE, _TIME_SHARE = 0.6, 0.2  # of the time budget
_MOST_STEPS_A_BLOCK, _MOST_ON_A_GPU = 10, 4  # where nothing else takes the operators' device


class Schedule:
    """The sampling of one pair of processes, or of one process alone.

    ``step_error`` is how often an interval of whole steps may be wrong that is told from it: 5 %,
    or the part of that which the look may spend that ended the windows.
    """

    def __init__(self, sides: Sequence[Side], prepared: Prepared, options: Options) -> None:
        self.series = [
            Series.of(side, names_digest(each.name for each in recording.operators))
            for side, recording in zip(sides, prepared.recordings, strict=True)
        ]
        self._budget_s, self._threshold = options.time_budget_s, options.threshold
        self.step_error = ERROR
        self._enough = False
        self._live = [each for each in self.series if each.live]
        self._steps = self._steps_a_block(prepared)
        self._rounds = 0
        log = options.power_log
        self._external = ExternalMeter(Path(log)) if log is not None and self._live else None
        # Where every step is a process of its own, a round takes seconds.
        self.one_shot = any(side.one_shot for side in sides)
        self._fewest_blocks = _FEWEST_WINDOWS if self.one_shot else BLOCKS

    def _steps_a_block(self, prepared: Prepared) -> int:
        """What the time budget allows, and no more than a trace has: of each block only the
        fastest step counts, and one of ten is faster than one of three."""
        round_s = sum(
            check.step_s
            for check, each in zip(prepared.checks, self.series, strict=True)
            if each.live
        )
        affordable = int(_TIME_SHARE * self._budget_s / (BLOCKS * (round_s or 1.0)))
        on_gpu = all(each.side.loaded.device != "cpu" for each in self._live)
        most = _MOST_ON_A_GPU if on_gpu else _MOST_STEPS_A_BLOCK
        limits = [max(1, min(most, affordable))] if self._live else []
        taken = [each.side.taken for each in self.series]
        return min(limits + [each.steps_a_block for each in taken if each is not None])

    @property
    def extensible(self) -> bool:
        """Whether more blocks would narrow the intervals: a trace has no more to pair them with,
        and a side whose every step is a process takes too long."""
        return not self.one_shot and len(self._live) == len(self.series)

    @property
    def timings(self) -> list[Timing]:
        """Operator times of each side, blocks paired.

        Raises:
            MagnetonError: a side never ran the recorded operators again, or not in turn with the
                other one.
        """
        self.check_blocks()
        blocks = [each.blocks for each in self.series]
        found = complete(blocks, alternating=len(blocks) > 1)
        if not found[0].blocks:
            most = max(self.series, key=lambda each: each.dropped)
            raise _unsteady(most.side.title, "in no round all sides")
        return shortened(found, self._steps)

    def check_blocks(self) -> None:
        """
        Raises:
            MagnetonError: a side never ran the recorded operators again.
        """
        for each in self.series:
            if not any(each.blocks):
                raise _unsteady(each.side.title)

    async def warm_up(self) -> None:
        """Run a step that does not count: a first one is not like the others."""
        for each in self._live:
            await each.side.ask(Measure(1, 0.0), Measured)

    async def sample(self, on_progress: OnProgress) -> None:
        """Whole rounds, until every interval is narrow or the time is up."""
        started = time.monotonic()
        deadline = started + _MEASURE_SHARE * self._budget_s
        await self.warm_up()
        if self._external is not None:
            on_progress(Progress("measure", 0.3, "marking the meter's log"))
            await self._external.begin(self._live)
        for number in range(_MOST_ROUNDS if self._live else 0):
            late = time.monotonic() > deadline
            measured = not late or number < _FEWEST_WINDOWS
            for each in self._order():
                if measured and not (self._enough and each.long_windows):
                    await each.measure()
                await each.time(self._steps)
            self._look(number + 1)
            if number + 1 >= self._fewest_blocks and (
                late or self._enough or all(each.narrow() for each in self._live)
            ):
                break
            done = max((number + 1) / _MOST_ROUNDS, _share_spent(started, deadline))
            on_progress(
                Progress("measure", 0.3 + 0.4 * done, f"measuring steps, round {number + 1}")
            )
        if self._external is not None:
            on_progress(Progress("measure", 0.7, "marking the meter's log again"))
            await self._external.settle(self._live)
        self._without_lost_sensors()

    def _without_lost_sensors(self) -> None:
        """Go on with the model where a sensor was lost: on both sides, to compare like with
        like."""
        reasons = [reason for each in self.series if (reason := each.lost()) is not None]
        reasons = reasons or self._apart()
        if reasons:
            for each in self.series:
                each.side.unmetered("; ".join(reasons))
                each.warnings.add(f"{'; '.join(reasons)}. Energy is modelled instead")

    def _apart(self) -> list[str]:
        """That sensors answered, but not on both sides at a time: without pairs no ratio."""
        if len(self._live) < 2 or any(each.side.loaded.meter == "model" for each in self._live):
            return []
        rounds = min(len(each.samples) for each in self._live)
        pairs = len(paired(*(each.windows_j() for each in self._live))[0])
        if pairs >= min(FEWEST, rounds):
            return []
        return [f"the energy of both sides was read together in {pairs} of {rounds} rounds"]

    def _look(self, rounds: int) -> None:
        """Note whether windows have told enough after so many rounds, and what that may spend.
        Short windows go on with the blocks: they are looked at once, when these may end."""
        if self._enough:
            return
        often = any(each.long_windows for each in self._live)
        error = error_at(rounds) if often else ERROR if rounds == self._fewest_blocks else None
        if error is not None:
            windows_j = [each.windows_j() for each in self.series]
            self._enough = enough(windows_j, self._threshold, error)
            self.step_error = error if self._enough else ERROR

    async def time_blocks(self, on_progress: OnProgress, start: Progress, width: float) -> None:
        """``BLOCKS`` more timed blocks a side, reported as ``start`` and ``width`` of the job on
        from there."""
        for number in range(BLOCKS):
            on_progress(replace(start, fraction=start.fraction + width * number / BLOCKS))
            for each in self._order():
                await each.time(self._steps)

    def _order(self) -> list[Series]:
        self._rounds += 1
        return self._live if self._rounds % 2 else self._live[::-1]


def _share_spent(started: float, deadline: float) -> float:
    budget_s = deadline - started
    return min(1.0, (time.monotonic() - started) / budget_s) if budget_s > 0 else 1.0


def _unsteady(who: str, none: str = "none of its timed steps") -> MagnetonError:
    return MagnetonError(
        f"{who} runs other operators in every step",
        f"{none} ran the operators of the recorded one",
        "let the step do the same work each time it is called",
        exit_status=EXIT_SIDE_FAILED,
    )
