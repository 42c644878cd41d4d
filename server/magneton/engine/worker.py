"""One side's agent process: starts it, asks it, ends it and all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar, get_args

from magneton_agent import schema
from magneton_agent.schema import messages
from magneton_agent.schema.codec import SchemaError, from_json, to_json
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Failure, Request
from magneton_agent.schema.recording import Recording

from ..source.positions import Locator
from .failures import WorkerFailed, ended, no_answer, not_answered, not_started
from .printed import Printed
from .processes import MARKER_VARIABLE, kill_marked, new_marker
from .request import Checkout

T = TypeVar("T")
_AGENT_FOLDER = Path(schema.__file__).parent.parent
_REPLIES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (*get_args(messages.Reply), Recording)
}
LONGEST_REPLY = 1 << 30
Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]
EXIT_S = 1.0
_NO_VARIABLES: Mapping[str, str | None] = MappingProxyType({})


class Worker:
    """The agent of ``who``, as users know it, in the interpreter ``python``, working in folder
    ``workspace``, which may be that of a ``checkout``. ``variables`` are set in its environment, or
    taken out where they are None.

    Use as an async context manager; leaving it kills the whole process tree.
    """

    def __init__(
        self,
        who: str,
        python: str,
        workspace: str,
        device: str,
        meter: str,
        timeout_s: float,
        checkout: Checkout | None = None,
        variables: Mapping[str, str | None] = _NO_VARIABLES,
    ) -> None:
        self.who = who
        self._python, self._workspace, self._timeout_s = python, workspace, timeout_s
        self._device, self._meter, self._checkout = device, meter, checkout
        self._variables = variables
        self._marker = new_marker()
        self._printed = Printed()
        self._process: asyncio.subprocess.Process | None = None
        self._drain: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._overdue: Request | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def ask(self, request: Request, reply: type[T]) -> T:
        """Send ``request`` and wait for its ``reply``.

        Raises:
            WorkerFailed: the agent says that it could not.
            MagnetonError: it ended, said something else, or took longer than the timeout, after
                which it is ended.
        """
        if self._overdue is not None:
            raise self._too_late(self._overdue)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._asked_all(request, reply)
        except TimeoutError:
            self._overdue = request  # a late answer would be taken for that of what comes next
            await self._end()
            raise self._too_late(request) from None

    def _too_late(self, request: Request) -> MagnetonError:
        return not_answered(self.who, request, self._timeout_s, self.log)

    async def _asked_all(self, request: Request, reply: type[T]) -> T:
        """What all that this stands for answer."""
        if self._link is None:
            raise RuntimeError("the worker has not been started")
        return await self._answer(self.who, self._link, request, reply)

    async def _answer(self, who: str, link: Link, request: Request, reply: type[T]) -> T:
        """What the agent at the other end of ``link``, which users know as ``who``, answers."""
        message = {"type": type(request).__name__, "body": to_json(request)}
        line = await self._exchange(who, link, json.dumps(message).encode() + b"\n")
        answer = self._read(who, line)
        if isinstance(answer, Failure):
            await self._printed.settle()
            raise WorkerFailed(who, answer, self._users(answer.frames), self.log)
        if not isinstance(answer, reply):
            what = f"{type(answer).__name__} instead of {reply.__name__}"
            raise no_answer(who, what, self.log)
        return answer

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the program printed."""
        return self._printed.lines

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                await self._launch(self._arguments(str(theirs.fileno())), (theirs.fileno(),))
            except MagnetonError:
                ours.close()
                raise
        self._link = await asyncio.open_connection(sock=ours, limit=LONGEST_REPLY)

    async def _launch(self, arguments: Sequence[str], descriptors: tuple[int, ...] = ()) -> None:
        """Start the interpreter with ``arguments``, and keep what it prints."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                self._python,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._workspace,
                env=self._environment(),
                pass_fds=descriptors,
                start_new_session=True,
            )
        except OSError as error:
            raise not_started(self.who, self._python, error) from error
        if self._process.stdout is not None:
            self._drain = asyncio.create_task(self._printed.drain(self._process.stdout))

    def _arguments(self, channel: str) -> list[str]:
        code = (_AGENT_FOLDER / "bootstrap.py").read_text(encoding="utf-8")
        setup = json.dumps(self._setup())
        return ["-c", code, channel, str(os.getpid()), str(_AGENT_FOLDER), setup]

    def _setup(self) -> dict[str, str]:
        pynvml = importlib.util.find_spec("pynvml")
        return {
            "workspace": self._workspace,
            "meter": self._meter,
            "pynvml_path": (pynvml.origin or "") if pynvml is not None else "",
            "repository": self._checkout.repository if self._checkout is not None else "",
            "checkout": self._checkout.top if self._checkout is not None else "",
        }

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, MARKER_VARIABLE: self._marker}
        environment["PYTHONUNBUFFERED"] = "1"
        if self._device == "cpu":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        elif self._device.startswith("cuda:"):
            environment["CUDA_VISIBLE_DEVICES"] = self._device.removeprefix("cuda:")
        changed = {**environment, **self._variables}
        return {name: value for name, value in changed.items() if value is not None}

    def _users(self, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """The frames that lie in the workspace; all of them where none does."""
        locator = Locator(Path(self._workspace))
        own = [frame for frame in frames if not Path(locator.path(frame.path)).is_absolute()]
        return tuple(own) or frames

    async def _exchange(self, who: str, link: Link, message: bytes) -> bytes:
        reader, writer = link
        with contextlib.suppress(ConnectionError):
            writer.write(message)
            await writer.drain()
        with contextlib.suppress(ConnectionError):
            if line := await reader.readline():
                return line
        raise await self._gone(who)

    async def _gone(self, who: str) -> MagnetonError:
        """Why the agent closed its end."""
        if self._process is None:
            raise RuntimeError("the worker has not been started")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EXIT_S):
                await self._process.wait()
                if self._drain is not None:
                    await self._drain
        return ended(who, self._process.returncode, self.log)

    def _read(self, who: str, line: bytes) -> object:
        try:
            message = json.loads(line)
            return from_json(_REPLIES[message["type"]], message["body"])
        except (ValueError, KeyError, TypeError, SchemaError) as error:
            raise no_answer(who, str(error), self.log) from error

    async def _end(self) -> None:
        if self._link is not None:
            self._link[1].close()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
        kill_marked(self._marker)
        if self._process is not None:
            await self._process.wait()
        if self._drain is not None:
            self._drain.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._drain
