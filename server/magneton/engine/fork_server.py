"""Agents forked from a process that has the program's libraries imported: ready at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Sequence
from typing import Any

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.forks import READY

from .failures import ended, of
from .worker import EXIT_S, LONGEST_REPLY, Link, Worker

_REPLY = 64  # bytes: a number, or one word


class ForkServer(Worker):
    """As :class:`Worker`, with an interpreter that imports ``libraries`` and runs no program."""

    _libraries: tuple[str, ...]
    _heard: bytes
    _owed: int

    @classmethod
    def of(cls, libraries: Sequence[str], *arguments: Any) -> ForkServer:
        """``arguments`` are those of :class:`Worker`."""
        server = cls(*arguments)
        server._libraries = tuple(libraries)
        return server

    async def forked(self) -> tuple[Link, int]:
        """A new agent's channel and its process.

        Raises:
            MagnetonError: the server has ended, or does not answer.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await self._told(b"fork", theirs.fileno())
            except BaseException:
                ours.close()
                raise
        return await asyncio.open_connection(sock=ours, limit=LONGEST_REPLY), process

    async def ended(self, process: int, patience_s: float = 0.0) -> int:
        """End a forked agent that does not end within ``patience_s``; what it ended with, as
        ``subprocess`` has it."""
        return await self._told(f"{process} {patience_s}".encode())

    async def _start(self) -> None:
        self._turn = asyncio.Lock()
        self._heard, self._owed = b"", 1  # what was said, and answers that are to come
        self._own, theirs = socket.socketpair()
        self._own.setblocking(False)
        with theirs:
            await self._launch(self._arguments(str(theirs.fileno())), (theirs.fileno(),))
        if await self._said() != READY:
            raise MagnetonError(
                of(self.who, "its libraries cannot be shared by several processes"),
                "importing them starts a thread, or takes a GPU",
                "nothing is to be done: each process imports them",
            )

    def _setup(self) -> dict[str, str]:
        return {**super()._setup(), "libraries": json.dumps(self._libraries)}

    async def _told(self, message: bytes, *channels: int) -> int:
        async with self._turn:
            try:
                while self._owed:  # who asked was cancelled meanwhile
                    await self._said()
                socket.send_fds(self._own, [message], channels)
                self._owed += 1
                return int(await self._said())
            except OSError:
                raise await self._gone(self.who) from None

    async def _said(self) -> bytes:
        """The next line; what has come of it stays where this is cancelled."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                while b"\n" not in self._heard and (
                    more := await loop.sock_recv(self._own, _REPLY)
                ):
                    self._heard += more
        said, end, self._heard = self._heard.partition(b"\n")
        if not end:
            raise await self._gone(self.who)
        self._owed -= 1
        return said + end

    async def _end(self) -> None:
        await super()._end()
        self._own.close()


class Forked(Worker):
    """As :class:`Worker`, with an agent that ``server`` forks."""

    _server: ForkServer
    _process_id: int | None = None

    @classmethod
    def of(cls, server: ForkServer, *arguments: Any) -> Forked:
        """``arguments`` are those of :class:`Worker`."""
        worker = cls(*arguments)
        worker._server = server
        return worker

    @property
    def log(self) -> tuple[str, ...]:
        """What all that the server has forked printed last."""
        return self._server.log

    async def _start(self) -> None:
        self._link, self._process_id = await self._server.forked()

    async def _gone(self, who: str) -> MagnetonError:
        return ended(who, await self._ended(EXIT_S), self.log)

    async def _end(self) -> None:
        if self._link is not None:
            self._link[1].close()
        await self._ended()

    async def _ended(self, patience_s: float = 0.0) -> int:
        process, self._process_id = self._process_id, None
        with contextlib.suppress(MagnetonError):  # the server has ended, and all with it
            return await self._server.ended(process, patience_s) if process is not None else 0
        return -9
