"""The process that forks a program's trials, started when the first of them is asked for."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Imported, Libraries

from .fork_server import ForkServer
from .side import Side

_SETS_VARIABLES = "environ"


class Forking:
    """Use as an async context manager; leaving it ends the process and all that it forked."""

    def __init__(self) -> None:
        self._stack, self._lock = AsyncExitStack(), asyncio.Lock()
        self._asked, self._server = False, None

    _server: ForkServer | None

    async def __aenter__(self) -> Forking:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def server(self, side: Side, arguments: tuple[Any, ...]) -> ForkServer | None:
        """What forks workers with these ``arguments`` for the program that ``side`` runs; None
        where its libraries cannot be imported first, so that every process imports them."""
        async with self._lock:
            if not self._asked:
                self._asked = True
                with contextlib.suppress(MagnetonError):
                    self._server = await self._started(side, arguments)
        return self._server

    async def _started(self, side: Side, arguments: tuple[Any, ...]) -> ForkServer:
        modules: tuple[str, ...] = ()
        if not _sets_variables(side):
            modules = (await side.ask(Libraries(), Imported)).modules
        return await self._stack.enter_async_context(ForkServer.of(modules, *arguments))


def _sets_variables(side: Side) -> bool:
    """Whether the program may set variables of the environment, which its libraries then read."""
    folder = side.locator.workspace
    return any(_SETS_VARIABLES in (folder / path).read_text("utf-8") for path in side.loaded.files)
