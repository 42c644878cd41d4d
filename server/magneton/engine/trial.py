"""Tries a change of a program: one process with it beside one without, measured in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Check, Checked, Loaded, Record, names_digest
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs, SideName

from ..analysis.apportioning import busy_cpus, cost_of
from ..analysis.classify import Judged, judge
from ..analysis.cost import SideCost
from ..analysis.grouping import Group
from ..analysis.regions import Cut
from ..analysis.statistics import CONFIDENCE, Interval, ratio_interval
from ..analysis.stopping import ERROR
from .change import Change
from .cutting import cut_recordings
from .fork_server import ForkServer
from .forking import Forking
from .prepare import Prepared, output_folders, outputs_of
from .replaying import OperatorEnergies
from .request import Options, Progress, SideRequest
from .runner import Runner
from .schedule import Schedule
from .side import Side
from .step_ratio import step_ratio
from .together import together
from .unchanged import Files

_SLOWER, _SLACK_S = 3.0, 10.0  # a change may also make a program run forever
_BUDGET_S = 5.0  # of measuring: a change that matters shows soon


@dataclass(frozen=True)
class Untried:
    """There is no trial, because of ``reason``."""

    reason: str


@dataclass(frozen=True)
class Part:
    """Operators of a step without (``before``) and with the change (``after``) that compute the
    same. ``before`` may hold more than was asked for; ``judged`` compares it, as side a, with
    ``after``."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    judged: Judged


@dataclass(frozen=True)
class Trial:
    """One step without and with a change, the first of every pair without.

    ``energy_ratio`` and ``time_ratio`` are of whole steps, without / with. ``cut`` is None where
    both run the same operators in the same order.
    """

    change: Change
    outputs: Outputs
    recordings: tuple[Recording, Recording]
    costs: tuple[SideCost, SideCost]
    energy_ratio: Interval
    time_ratio: Interval
    options: Options
    cut: Cut | None

    def part(self, operators: Iterable[int], error: float = ERROR) -> Part | None:
        """What became of ``operators`` of the step without the change, in intervals that are wrong
        with the probability ``error``; None where one of them has no counterpart with it."""
        found = counterparts(self.cut, operators)
        if found is None:
            return None
        before, after = found
        group = Group((0,), before, after)
        (judged,) = judge((group,), *self.costs, self.options.thresholds, error)
        return Part(before, after, judged)


def counterparts(
    found: Cut | None, operators: Iterable[int]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The smallest set of regions that holds ``operators`` of the first recording: its operators
    in both. None where no region holds one of them: what it became is not known."""
    chosen = frozenset(operators)
    if found is None:
        return tuple(sorted(chosen)), tuple(sorted(chosen))
    touched = [region for region in found.regions if not chosen.isdisjoint(region.a)]
    before = frozenset[int]().union(*(region.a for region in touched))
    if not chosen <= before:
        return None
    after = frozenset[int]().union(*(region.b for region in touched))
    return tuple(sorted(before)), tuple(sorted(after))


@dataclass(frozen=True)
class Glance:
    """One recorded step without and with a change, of which nothing was measured."""

    outputs: Outputs
    recordings: tuple[Recording, Recording]


@dataclass(frozen=True)
class _Unchanged:
    side: Side
    check: Checked
    recording: Recording
    outputs: Path
    took_s: float  # to be loaded and recorded


class Trials:
    """Changes of one side, each tried in a process of its own beside one as it is.

    Use as an async context manager; leaving it ends all of them. ``digest`` is that of the
    operators' names in the recording that a trial's operators are numbered by; None where none
    will be asked for. ``alone``: there is no other side. ``files`` are as :class:`Runner` has them.
    ``most_s`` bounds the measuring of a trial, as the time budget does.
    """

    def __init__(
        self,
        name: SideName,
        side: SideRequest,
        workspace: str,
        options: Options,
        digest: str | None = None,
        alone: bool = False,
        files: Files | None = None,
        most_s: float = _BUDGET_S,
    ) -> None:
        self._alone, self._files = alone, files
        self._name, self._side, self._workspace = name, side, workspace
        budget_s = min(most_s, options.time_budget_s)
        self._options = replace(options, time_budget_s=budget_s)
        self._digest = digest
        self._stack = AsyncExitStack()
        self._unchanged: _Unchanged | None = None
        self._forking, self._loading = Forking(), asyncio.Lock()

    async def __aenter__(self) -> Trials:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with self._forking:
            await self._end()

    async def _end(self) -> None:
        self._unchanged = None
        await self._stack.aclose()

    async def try_change(
        self,
        change: Change,
        wanted: Sequence[int] = (),
        confidence: float = CONFIDENCE,
        afresh: bool = False,
    ) -> Trial | Untried:
        """Run the program without and with ``change``. ``wanted`` are the operators of the step
        whose energy matters most, where a sensor can measure them alone; ``confidence`` is that of
        the intervals of whole steps. ``afresh``: the program as it is runs in a new process too,
        and stays for what is tried after it."""
        if self._options.nproc > 1:
            return Untried("changes are not tried where a side runs as several ranks")
        if self._options.meter == "csv":
            return Untried("an external meter's log cannot be asked for more while it is written")
        try:
            if afresh:
                await self._end()
            return await self._tried(change, wanted, confidence)
        except MagnetonError as error:
            return Untried(error.fact)

    async def glance(self, change: Change) -> Glance | Untried:
        """What the step does with ``change``, unless that takes far longer than without it. Several
        may be asked for at once."""
        if self._options.nproc > 1:
            return Untried("changes are not tried where a side runs as several ranks")
        try:
            plain = self._runner(Change())
            if plain.one_shot:
                return Untried("every step of it is a run of a whole script")
            unchanged = await self._first()
            if self._digest not in (None, _digest(unchanged.recording)):
                return Untried("its step runs other operators in every process")
            server = await self._forking.server(unchanged.side, plain.worker_arguments)
            changed = self._runner(change, server)
            most_s = _SLOWER * unchanged.took_s + _SLACK_S
            async with asyncio.timeout(most_s), changed:
                with output_folders() as root:
                    request = Check(str(root / "b"), str(unchanged.outputs), None, twice=False)
                    check = await changed.ask(request, Checked)
                recording = await changed.ask(Record(), Recording)
        except MagnetonError as error:
            return Untried(error.fact)
        except TimeoutError:
            return Untried(f"it was not done after {most_s:.0f} s")
        outputs = outputs_of((unchanged.check, check))
        return Glance(outputs, (unchanged.recording, recording))

    async def _tried(
        self, change: Change, wanted: Sequence[int], confidence: float
    ) -> Trial | Untried:
        changed = self._runner(change)
        if changed.one_shot:
            return Untried("every step of it is a run of a whole script")
        async with AsyncExitStack() as stack:
            # Both at once: loading takes longer than most of what follows.
            await together((self._first(), stack.enter_async_context(changed)))
            unchanged = await self._first()
            if self._digest not in (None, _digest(unchanged.recording)):
                return Untried("its step runs other operators in every process")
            folder = unchanged.outputs.parent / "b"
            request = Check(str(folder), str(unchanged.outputs), None, twice=False)
            check = await changed.ask(request, Checked)
            recording = await changed.ask(Record(), Recording)
            prepared = Prepared(
                (unchanged.check, check),
                (unchanged.recording, recording),
                outputs_of((unchanged.check, check)),
                (),
            )
            sides = (unchanged.side, changed)
            return await self._measured(change, sides, prepared, wanted, confidence)

    async def unchanged(self) -> tuple[Loaded, Recording]:
        """What the program as it is says of itself, and its recorded step.

        Raises:
            MagnetonError: it failed.
        """
        unchanged = await self._first()
        return unchanged.side.loaded, unchanged.recording

    async def _first(self) -> _Unchanged:
        """The program as it is, in a process that is started the first time: its first steps are
        compared with the first ones of every changed one."""
        async with self._loading:
            if self._unchanged is None:
                self._unchanged = await self._loaded()
            return self._unchanged

    async def _loaded(self) -> _Unchanged:
        begun_s = time.monotonic()
        async with AsyncExitStack() as stack:  # one that fails is ended at once
            root = stack.enter_context(output_folders())
            side = await stack.enter_async_context(self._runner(Change()))
            outputs = root / "a"
            check = await side.ask(Check(str(outputs), None, None, twice=False), Checked)
            recording = await side.ask(Record(), Recording)
            await self._stack.enter_async_context(stack.pop_all())
        took_s = time.monotonic() - begun_s
        return _Unchanged(side, check, recording, outputs, took_s)

    def _runner(self, change: Change, server: ForkServer | None = None) -> Runner:
        request = (self._name, self._side, self._workspace, self._options)
        return Runner(*request, change=change, alone=self._alone, files=self._files, server=server)

    async def _measured(
        self,
        change: Change,
        sides: tuple[Side, Side],
        prepared: Prepared,
        wanted: Sequence[int],
        confidence: float,
    ) -> Trial:
        schedule = Schedule(sides, prepared, self._options)
        await schedule.sample(_unheard)
        before, after = prepared.recordings
        found = None
        if _digest(before) != _digest(after):
            found = cut_recordings(before, after, prepared.outputs)
        costs = _costs(schedule, (before, after))
        energies = OperatorEnergies.unknown(sides, prepared.recordings)
        parts = counterparts(found, wanted) if wanted and energies.replayable else None
        if parts is not None:
            energies = await energies.measured(costs, parts, self._options, _unheard)
        a, b = (energies.cost(number, cost) for number, cost in enumerate(costs))
        # Where a look ended the windows, it had only its part of the error to spend.
        error = (1 - confidence) * schedule.step_error / ERROR
        durations_s = [[window.duration_s for window in each.samples] for each in schedule.series]
        return Trial(
            change=change,
            outputs=prepared.outputs,
            recordings=(before, after),
            costs=(a, b),
            energy_ratio=step_ratio(schedule.series, (a, b), error),
            time_ratio=_ratio(durations_s, error),
            options=self._options,
            cut=found,
        )


def _digest(recording: Recording) -> str:
    return names_digest(operator.name for operator in recording.operators)


def _costs(
    schedule: Schedule, recordings: tuple[Recording, Recording]
) -> tuple[SideCost, SideCost]:
    """What both steps cost. An operator keeps as many CPUs busy without and with the change, unless
    that changes how many threads there are."""
    timed = list(zip(recordings, schedule.timings, strict=True))
    loaded = [each.side.loaded for each in schedule.series]
    if loaded[0].threads == loaded[1].threads:
        busy = [busy_cpus(timed)] * len(timed)
    else:
        busy = [busy_cpus([each]) for each in timed]
    a, b = (
        cost_of(recording, series.side.loaded, series.samples, timing, each)
        for series, (recording, timing), each in zip(schedule.series, timed, busy, strict=True)
    )
    return a, b


def _ratio(both: Sequence[Sequence[float]], error: float) -> Interval:
    pairs = min(map(len, both))
    return ratio_interval(both[0][:pairs], both[1][:pairs], 1 - error)


def _unheard(progress: Progress) -> None:
    """A trial is one stretch of its job's progress."""
