"""The agents of one side's ranks, launched together and asked together."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any, TypeVar

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Request

from ..failures import ended, not_connected, rank_ended
from ..together import together
from ..worker import LONGEST_REPLY, Link, Worker
from .rendezvous import Rendezvous
from .replies import Ranks

T = TypeVar("T")


class RankedWorker(Worker):
    """As :class:`Worker`, with an agent in each of ``ranks``, started by ``torchrun`` on this
    machine. The first rank that fails ends all others."""

    ranks: Ranks

    @classmethod
    def of(cls, ranks: Ranks, *arguments: Any) -> RankedWorker:
        """A worker for ``ranks``; ``arguments`` are those of :class:`Worker`."""
        worker = cls(*arguments)
        worker.ranks = ranks
        return worker

    async def _asked_all(self, request: Request, reply: type[T]) -> T:
        """Send every rank its part of ``request`` and wait for all: the answer of the rank that is
        shown. Raises as :meth:`Worker.ask`, of the first rank that failed."""
        asked = self.ranks.requests(request)
        answers = await together(
            self._asked(rank, link, each, reply)
            for rank, (link, each) in enumerate(zip(self._links, asked, strict=True))
        )
        self.ranks.keep(request, answers)
        answer = answers[self.ranks.shown]
        if not isinstance(answer, reply):
            raise TypeError("the rank that is shown was not asked")
        return answer

    async def _asked(
        self, rank: int, link: Link, request: Request | None, reply: type[T]
    ) -> T | None:
        if request is None:
            return None
        return await self._answer(f"{self.who}, rank {rank}", link, request, reply)

    async def _start(self) -> None:
        self._links: Sequence[Link] = ()
        self._rendezvous = Rendezvous(self.ranks.count, LONGEST_REPLY)
        folder = await self._rendezvous.open()
        await self._launch([*_torchrun(self.ranks.count), self._python, *self._arguments(folder)])
        connecting = asyncio.ensure_future(self._rendezvous.links())
        ending = asyncio.ensure_future(self._ended())
        try:
            await asyncio.wait(
                (connecting, ending),
                timeout=self._timeout_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if connecting.done():
                self._links = connecting.result()
            elif ending.done():
                raise ended(self.who, ending.result(), self.log)
            else:
                raise not_connected(self.who, self._timeout_s, self.log)
        finally:
            connecting.cancel()
            ending.cancel()

    async def _ended(self) -> int:
        if self._process is None:
            raise RuntimeError("the worker has not been started")
        status = await self._process.wait()
        if self._drain is not None:
            await self._drain
        return status

    async def _gone(self, who: str) -> MagnetonError:
        await self._printed.settle()
        return rank_ended(who, self.log)

    async def _end(self) -> None:
        await super()._end()
        self._rendezvous.close()


def _torchrun(count: int) -> list[str]:
    """The launcher's arguments up to the program. ``-P``: a module of the workspace must not stand
    in the launcher's way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return [
        *("-P", "-m", "torch.distributed.run", "--nnodes", "1", "--nproc-per-node", str(count)),
        *("--master-addr", "127.0.0.1", "--master-port", str(port), "--no-python"),
    ]
