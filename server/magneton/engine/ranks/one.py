"""One rank of a side, in the place of the side."""

from __future__ import annotations

from typing import TypeVar

from magneton_agent.schema.messages import Loaded, Request
from magneton_agent.schema.result import SideName

from ...source.positions import Locator
from ..runner import Runner
from ..side import Taken
from .replies import Ranks

T = TypeVar("T")


class OneRank:
    """Rank number ``rank`` of ``side``: all ranks are asked, and its answer counts."""

    taken: Taken | None = None  # it runs

    def __init__(self, side: Runner, ranks: Ranks, rank: int) -> None:
        self._side, self._ranks, self._rank = side, ranks, rank

    @property
    def name(self) -> SideName:
        return self._side.name

    @property
    def title(self) -> str:
        return self._side.title

    @property
    def target(self) -> str:
        return self._side.target

    @property
    def revision(self) -> str | None:
        return self._side.revision

    @property
    def loaded(self) -> Loaded:
        """What the rank said after loading, else what the side did."""
        return self._ranks.replies[self._rank].loaded or self._side.loaded

    @property
    def locator(self) -> Locator:
        return self._side.locator

    @property
    def one_shot(self) -> bool:
        return self._side.one_shot

    def unmetered(self, reason: str) -> None:
        """Ranks are read alike, or not at all."""
        self._side.unmetered(reason)

    async def ask(self, request: Request, reply: type[T]) -> T:
        """As :meth:`Runner.ask`, of this rank."""
        shown, self._ranks.shown = self._ranks.shown, self._rank
        try:
            return await self._side.ask(request, reply)
        finally:
            self._ranks.shown = shown
