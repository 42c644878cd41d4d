"""Has operators run again beside the sensor, costliest first, while there is time for it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from magneton_agent.schema.device import DeviceModel
from magneton_agent.schema.messages import CallEnergy, Loaded, Replay, Replayed, ReplayItem
from magneton_agent.schema.meters import BoardState
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import ReplaySummary

from ..analysis import replays
from ..analysis.cost import SideCost
from ..analysis.modelled import by_model, shares
from ..analysis.replayed import device_s, summary, with_replays
from ..analysis.replays import Candidate, Replays, candidates
from ..analysis.sameness import Key, keys_of
from .conditions import alone_warnings
from .devices import device_model
from .failures import WorkerFailed
from .request import OnProgress, Options, Progress
from .side import Side

_TIME_SHARE, _TIMEOUT_SHARE = 0.3, 0.5  # of the time budget, and of what one answer may take
_MOST_S = 2.0  # for one operator: beyond it the power's own drift decides
_PERIODS, _LEAST_S, _UNKNOWN_PERIOD_S = 7, 0.3, 0.1  # so many updates tell an error
# A board at its power limit wanders over seconds, which a call of half a second does not see: twice
# the root mean square by which eighteen calls missed windows of 5 s (docs/benchmarks.md).
_WANDERING = 0.025
_LIVE_METERS = {"nvml", "rapl"}  # that the agent itself can read while an operator runs
_STEP_SHARE = 0.2  # of the replaying that running another step for it may take


@dataclass(frozen=True)
class Outcome:
    """What replaying gave: energies by key, by key why there is none, and by the number of the side
    how its boards were meanwhile."""

    energies: Replays = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)
    boards: dict[int, list[BoardState]] = field(default_factory=dict)


@dataclass(frozen=True)
class OperatorEnergies:
    """What replaying, and the coefficients of their devices, tell of the operators of ``sides``;
    ``keys`` are by side, none of a side whose energy is modelled. ``models`` are None where a
    device's are not known, or it is a CPU."""

    sides: tuple[Side, ...]
    recordings: tuple[Recording, ...]
    keys: tuple[tuple[Key, ...], ...]
    models: tuple[DeviceModel | None, ...]
    outcome: Outcome = field(default_factory=Outcome)

    @classmethod
    def unknown(cls, sides: Sequence[Side], recordings: Sequence[Recording]) -> OperatorEnergies:
        """Nothing has been replayed yet.

        Raises:
            MagnetonError: the file of a device's coefficients cannot be read.
        """
        keys = tuple(
            _keys(recording) if side.loaded.meter != "model" else ()
            for side, recording in zip(sides, recordings, strict=True)
        )
        boards = [side.loaded.gpu for side in sides]
        models = tuple(device_model(board) if board else None for board in boards)
        return cls(tuple(sides), tuple(recordings), keys, models)

    @property
    def replayable(self) -> bool:
        """Whether any side can run operators again beside a sensor."""
        return any(map(_replayable, self.sides))

    def cost(self, number: int, cost: SideCost) -> SideCost:
        """``cost`` of side ``number`` with what is known of its operators."""
        recording, keys = self.recordings[number], self.keys[number]
        return self._known(number, self.sides[number].loaded, recording, keys, cost)

    def of_rank(
        self, number: int, loaded: Loaded, recording: Recording, cost: SideCost
    ) -> SideCost:
        """``cost`` of another rank of side ``number``: operators that are the same take as much as
        those that the first rank has replayed."""
        return self._known(number, loaded, recording, _keys(recording), cost)

    def _known(
        self,
        number: int,
        loaded: Loaded,
        recording: Recording,
        keys: Sequence[Key],
        cost: SideCost,
    ) -> SideCost:
        model = self.models[number] if loaded.device != "cpu" else None
        if loaded.meter == "model":  # both sides by their devices, or both by CPU time
            return by_model(cost, recording, model) if model and all(self.models) else cost
        known = self.outcome.energies if _replayable(self.sides[number]) else {}
        parts = None
        if model is not None:
            parts = shares(model, recording, device_s(recording, cost.duration_s))
        idle_w = loaded.idle_power_w or 0.0
        return with_replays(cost, recording, keys, known, idle_w, parts)

    def summary(self, number: int, cost: SideCost) -> ReplaySummary | None:
        """What was replayed of side ``number``."""
        if not _replayable(self.sides[number]):
            return None
        energies, refused = self.outcome.energies, self.outcome.refused
        return summary(cost, self.recordings[number], self.keys[number], energies, refused)

    def warnings(self, number: int, states: Sequence[BoardState]) -> list[str]:
        """What boards of side ``number`` said while operators were run alone, and not in the
        ``states`` of its whole steps."""
        return alone_warnings(self.outcome.boards.get(number, ()), states)

    async def measured(
        self,
        costs: Sequence[SideCost],
        wanted: Sequence[Iterable[int]],
        options: Options,
        on_progress: OnProgress,
    ) -> OperatorEnergies:
        """Replay what takes most of the step's time, and the ``wanted`` operators of each side.

        Raises:
            MagnetonError: a worker ended.
        """
        able = [_replayable(side) for side in self.sides]
        durations_s = [
            device_s(recording, cost.duration_s)
            for recording, cost in zip(self.recordings, costs, strict=True)
        ]
        chosen = candidates(
            [keys if yes else () for keys, yes in zip(self.keys, able, strict=True)],
            [each if yes else () for each, yes in zip(durations_s, able, strict=True)],
            [each if yes else () for each, yes in zip(wanted, able, strict=True)],
        )
        budget_s = min(_TIME_SHARE * options.time_budget_s, _TIMEOUT_SHARE * options.timeout_s)
        session = _Session(self.sides, [cost.step_s.value for cost in costs], budget_s)
        return replace(self, outcome=await session.run(chosen, on_progress))


def _keys(recording: Recording) -> tuple[Key, ...]:
    """Operators that may stand for one another: those of the host not for those of a board."""
    return tuple(
        (*key, bool(operator.kernels))
        for key, operator in zip(keys_of(recording), recording.operators, strict=True)
    )


def _replayable(side: Side) -> bool:
    return side.taken is None and set(side.loaded.meter.split("+")) <= _LIVE_METERS


class _Session:
    """Replays on both sides for ``budget_s``."""

    def __init__(self, sides: Sequence[Side], steps_s: Sequence[float], budget_s: float) -> None:
        self._sides, self._steps_s = sides, steps_s
        self._end_s = time.monotonic() + budget_s
        self._outcome = Outcome()

    async def run(self, chosen: Sequence[Candidate], on_progress: OnProgress) -> Outcome:
        """Replay ``chosen`` in order, as many as there is time for."""
        waiting = list(chosen)
        while waiting:
            left_s = self._end_s - time.monotonic()
            least_s = _least_s(self._sides[waiting[0].side])
            if left_s < least_s:
                break
            each_s = min(_MOST_S, max(least_s, left_s / len(waiting)))
            message = f"replaying {len(chosen)} operators, {len(chosen) - len(waiting)} done"
            on_progress(Progress("measure", 0.7, message))
            batch = self._batch(waiting, each_s, left_s)
            await self._ask(batch, each_s)
            waiting = [each for each in waiting if each not in batch]
        reason = "the time budget was used up by costlier operators"
        self._outcome.refused.update((each.key, reason) for each in waiting)
        return self._outcome

    def _batch(self, waiting: Sequence[Candidate], each_s: float, left_s: float) -> list[Candidate]:
        """The first candidate, and others of its side: a long step is worth running only for
        several, and a whole script only for all."""
        number = waiting[0].side
        own = [each for each in waiting if each.side == number]
        fits = max(1, int(left_s / each_s))
        if self._sides[number].one_shot:
            return own[:fits]
        worth = math.ceil(self._steps_s[number] / (_STEP_SHARE * each_s))
        return own[: max(1, min(fits, worth))]

    async def _ask(self, batch: Sequence[Candidate], each_s: float) -> None:
        by_number = {each.operator: each for each in batch}
        items = tuple(ReplayItem(each.operator, each.name, each_s) for each in batch)
        outcome = self._outcome
        try:
            answer = await self._sides[batch[0].side].ask(Replay(items), Replayed)
        except WorkerFailed as error:
            outcome.refused.update((each.key, error.fact) for each in batch)
            return
        outcome.boards.setdefault(batch[0].side, []).extend(answer.boards)
        for found in answer.operators:
            key = by_number[found.operator].key
            if isinstance(found, CallEnergy):
                doubt_j = found.energy_j * min(1.0, math.hypot(found.error, _WANDERING))
                low, high = found.energy_j - doubt_j, found.energy_j + doubt_j
                energy_j = Quantity(found.energy_j, low, high, "replayed")
                outcome.energies[key] = replays.Replay(energy_j, found.duration_s)
            else:
                outcome.refused[key] = found.reason


def _least_s(side: Side) -> float:
    periods = [each.period_s or _UNKNOWN_PERIOD_S for each in side.loaded.meters]
    return max([_LEAST_S, *(_PERIODS * period_s for period_s in periods)])
