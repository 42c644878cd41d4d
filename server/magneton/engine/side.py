"""What the engine needs of a side, be it a running program or a trace of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from magneton_agent.schema.messages import Loaded, Request, Sample, StepTiming
from magneton_agent.schema.meters import MissingMeter
from magneton_agent.schema.result import SideName

from ..source.positions import Locator

T = TypeVar("T")


@dataclass(frozen=True)
class Taken:
    """What sampling one process gave: windows of whole steps, blocks of timed ones.

    ``created`` is when; ``dropped`` counts timed steps that ran other operators.
    """

    created: str
    samples: tuple[Sample, ...]
    blocks: tuple[tuple[StepTiming, ...], ...]
    warnings: tuple[str, ...]
    dropped: int

    @property
    def steps_a_block(self) -> int:
        """How many steps a block holds where none was dropped."""
        return max(map(len, self.blocks), default=1)


class Side(Protocol):
    """One side of a job, loaded."""

    @property
    def name(self) -> SideName: ...

    @property
    def title(self) -> str:
        """As users know it: ``side a``, or ``the program`` where there is no other."""

    @property
    def target(self) -> str:
        """What it runs, as it was named when it ran."""

    @property
    def revision(self) -> str | None:
        """The commit whose files it runs, None for the files as they are."""

    @property
    def loaded(self) -> Loaded: ...

    @property
    def locator(self) -> Locator: ...

    @property
    def one_shot(self) -> bool:
        """Whether every step needs a process of its own."""

    @property
    def taken(self) -> Taken | None:
        """What was sampled earlier, of a side that cannot be sampled or probed any more; None for
        one that runs."""

    def unmetered(self, reason: str) -> None:
        """Let the model stand for what read its energy, because of ``reason``."""

    async def ask(self, request: Request, reply: type[T]) -> T:
        """Send ``request``; of a trace only ``Check`` and ``Record`` can be asked.

        Raises:
            MagnetonError: it could not be done.
        """


def without_meter(loaded: Loaded, reason: str) -> Loaded:
    """``loaded`` where the model stands for what read the energy, because of ``reason``."""
    lost = MissingMeter(loaded.meter, reason)
    return replace(
        loaded,
        meter="model",
        meter_absent=reason,
        idle_power_w=None,
        meters=(),
        missing=(*loaded.missing, lost),
    )
