"""What every rank of one side has answered, and what each is asked: never a different number of
steps, because a rank that runs one alone waits for the others for ever."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from magneton_agent.schema.messages import (
    Check,
    Checked,
    Exercise,
    Inspect,
    Loaded,
    Mark,
    Masks,
    Measure,
    Measured,
    Record,
    Replay,
    Request,
    Sample,
    StepTiming,
    Time,
    Timed,
    names_digest,
)
from magneton_agent.schema.recording import Recording

_MARGIN = 1.35  # steps may get faster, and on a GPU those at a window's edges do not count


@dataclass
class RankReplies:
    """What one rank gave so far; a block is without steps where all of them were dropped."""

    loaded: Loaded | None = None
    check: Checked | None = None
    recording: Recording | None = None
    samples: list[Sample] = field(default_factory=list)
    blocks: list[tuple[StepTiming, ...]] = field(default_factory=list)

    def keep(self, reply: object) -> None:
        """Note a reply."""
        match reply:
            case Loaded():
                self.loaded = reply
            case Checked():
                self.check = reply
            case Recording():
                self.recording = reply
            case Measured():
                self.samples += reply.samples
            case Timed():
                self.blocks.append(reply.steps)


class Ranks:
    """The ranks of one side; the answers of rank ``shown`` stand for the side's."""

    def __init__(self, count: int, shown: int = 0) -> None:
        self.shown = shown
        self.replies = [RankReplies() for _ in range(count)]
        self._step_s: float | None = None

    @property
    def count(self) -> int:
        return len(self.replies)

    def keep(self, request: Request, answers: Sequence[object]) -> None:
        """Note what all ranks answered to ``request``, in order; None where one was not asked."""
        counts = not isinstance(request, Measure) or request.window_s > 0  # else a step to warm up
        for replies, answer in zip(self.replies, answers, strict=True):
            if counts:
                replies.keep(answer)
        times = [each.step_s for each in answers if isinstance(each, Checked)]
        measured = [each for each in answers if isinstance(each, Measured)]
        times += [sample.duration_s for each in measured for sample in each.samples]
        self._step_s = max(times, default=self._step_s)

    def requests(self, request: Request) -> Sequence[Request | None]:
        """What to ask each rank for ``request``; None is not asked."""
        numbers = range(self.count)
        match request:
            case Check():
                return [_checked(request, rank) for rank in numbers]
            case Record():
                return [replace(request, masks=_masks(request.masks, rank)) for rank in numbers]
            case Measure():
                return [replace(request, steps=self._steps(request), window_s=0.0)] * self.count
            case Time():
                return [self._timed(request, rank) for rank in numbers]
            case Replay():
                return [request if rank == self.shown else Replay(()) for rank in numbers]
            case Inspect() | Exercise() | Mark():  # no step is run
                return [request if rank == self.shown else None for rank in numbers]
        return [request] * self.count

    def _steps(self, request: Measure) -> int:
        """As many steps as fill the window at the slowest rank."""
        if not self._step_s:
            return request.steps
        return max(request.steps, math.ceil(_MARGIN * request.window_s / self._step_s))

    def _timed(self, request: Time, rank: int) -> Time:
        recording = self.replies[rank].recording
        if recording is None or rank == self.shown:
            return request
        return replace(request, names=names_digest(each.name for each in recording.operators))


def _checked(request: Check, rank: int) -> Check:
    other = request.compare_with
    return replace(
        request,
        folder=_of_rank(request.folder, rank),
        compare_with=None if other is None else _of_rank(other, rank),
        masks=_masks(request.masks, rank),
        twice=False,
    )


def _masks(masks: Masks | None, rank: int) -> Masks | None:
    return None if masks is None else replace(masks, folder=_of_rank(masks.folder, rank))


def _of_rank(folder: str, rank: int) -> str:
    own = Path(folder) / f"rank-{rank}"
    own.mkdir(exist_ok=True)
    return str(own)
