"""One side's agent process: starts it, asks it, ends it and all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from magneton_agent import schema
from magneton_agent.schema import messages
from magneton_agent.schema.codec import SchemaError, from_json, to_json
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, EXIT_STOPPED, MagnetonError
from magneton_agent.schema.messages import Failure, Request
from magneton_agent.schema.recording import Recording

from .processes import MARKER_VARIABLE, kill_marked, new_marker

T = TypeVar("T")
_AGENT_FOLDER = Path(schema.__file__).parent.parent
_REPLIES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        messages.Loaded,
        messages.Checked,
        messages.Measured,
        messages.Timed,
        messages.Probed,
        messages.Inspected,
        messages.Failure,
        Recording,
    )
}
_LOG_LINES, _LONGEST_REPLY = 40, 1 << 30
_EXIT_S = 1.0


class WorkerFailed(MagnetonError):
    """The agent answered with a failure; ``failure`` is what it said."""

    def __init__(self, side: str, failure: Failure, log: tuple[str, ...]) -> None:
        trace = tuple(
            f'  File "{frame.path}", line {frame.line}, in {frame.function}'
            for frame in failure.frames
        )
        super().__init__(
            f"side {side}: {failure.fact}",
            failure.cause,
            failure.remedy,
            exit_status=EXIT_SIDE_FAILED,
            trace=trace,
            log=log,
        )
        self.failure = failure


class Worker:
    """An agent in the interpreter ``python``, working in folder ``workspace``.

    Use as an async context manager; leaving it kills the whole process tree.
    """

    def __init__(
        self, side: str, python: str, workspace: str, device: str, meter: str, timeout_s: float
    ) -> None:
        self.side = side
        self._python, self._workspace, self._timeout_s = python, workspace, timeout_s
        self._device, self._meter = device, meter
        self._marker = new_marker()
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self._drain: asyncio.Task[None] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Worker:
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
            MagnetonError: it ended, said something else, or took longer than the timeout.
        """
        message = {"type": type(request).__name__, "body": to_json(request)}
        try:
            async with asyncio.timeout(self._timeout_s):
                line = await self._exchange(json.dumps(message).encode() + b"\n")
        except TimeoutError:
            raise MagnetonError(
                f"side {self.side} did not answer within {self._timeout_s:g} s",
                f"it was asked to {_DOING[type(request).__name__]} and is still at it",
                "give it longer with --timeout, or make the step end",
                exit_status=EXIT_STOPPED,
                log=self.log,
            ) from None
        answer = self._read(line)
        if isinstance(answer, Failure):
            raise WorkerFailed(self.side, answer, self.log)
        if not isinstance(answer, reply):
            raise self._nonsense(f"{type(answer).__name__} instead of {reply.__name__}")
        return answer

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the program printed."""
        return tuple(self._log)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    self._python,
                    *self._arguments(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    cwd=self._workspace,
                    env=self._environment(),
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise MagnetonError(
                    f"side {self.side}: the interpreter {self._python} cannot be started",
                    error.strerror or str(error),
                    "name the Python that runs the program with --python",
                ) from error
        self._drain = asyncio.create_task(self._drain_output())
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_REPLY)

    def _arguments(self, descriptor: int) -> list[str]:
        code = (_AGENT_FOLDER / "bootstrap.py").read_text(encoding="utf-8")
        pynvml = importlib.util.find_spec("pynvml")
        setup = {
            "workspace": self._workspace,
            "meter": self._meter,
            "pynvml_path": (pynvml.origin or "") if pynvml is not None else "",
        }
        return [
            "-c",
            code,
            str(descriptor),
            str(os.getpid()),
            str(_AGENT_FOLDER),
            json.dumps(setup),
        ]

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, MARKER_VARIABLE: self._marker}
        environment["PYTHONUNBUFFERED"] = "1"
        if self._device == "cpu":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        elif self._device.startswith("cuda:"):
            environment["CUDA_VISIBLE_DEVICES"] = self._device.removeprefix("cuda:")
        return environment

    async def _drain_output(self) -> None:
        """Keep the last lines of what the program prints; never let its pipe fill."""
        if self._process is None or self._process.stdout is None:
            return
        rest = b""
        while chunk := await self._process.stdout.read(1 << 16):
            *lines, rest = (rest + chunk)[-(1 << 16) :].split(b"\n")
            self._log.extend(line.decode("utf-8", "replace") for line in lines[-_LOG_LINES:])
        if rest:
            self._log.append(rest.decode("utf-8", "replace"))

    async def _exchange(self, message: bytes) -> bytes:
        if self._reader is None or self._writer is None:
            raise RuntimeError("the worker has not been started")
        with contextlib.suppress(ConnectionError):
            self._writer.write(message)
            await self._writer.drain()
        with contextlib.suppress(ConnectionError):
            if line := await self._reader.readline():
                return line
        raise await self._gone()

    async def _gone(self) -> MagnetonError:
        """Why the agent closed its end."""
        if self._process is None:
            raise RuntimeError("the worker has not been started")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_S):
                await self._process.wait()
                if self._drain is not None:
                    await self._drain
        return _ended(self.side, self._process.returncode, self.log)

    def _read(self, line: bytes) -> object:
        try:
            message = json.loads(line)
            return from_json(_REPLIES[message["type"]], message["body"])
        except (ValueError, KeyError, TypeError, SchemaError) as error:
            raise self._nonsense(str(error)) from error

    def _nonsense(self, what: str) -> MagnetonError:
        return MagnetonError(
            f"side {self.side}: the worker's answer is not one: {what}",
            "another process wrote to its private descriptor, or this is a defect of Magneton",
            "run again; if it stays, report it with the program",
            exit_status=EXIT_SIDE_FAILED,
            log=self.log,
        )

    async def _end(self) -> None:
        if self._writer is not None:
            self._writer.close()
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


_DOING = {
    "Load": "load the target",
    "Check": "run its first step",
    "Measure": "run steps",
    "Record": "record a step",
    "Time": "time a step's operators",
    "Probe": "look into a step",
    "Inspect": "look an object up",
    "Close": "end",
}


def _ended(side: str, status: int | None, log: tuple[str, ...]) -> MagnetonError:
    if status is None:
        fact = f"side {side} closed its connection to Magneton and goes on"
        cause = "the program closed file descriptors that it did not open, as daemons do"
    elif status < 0:
        fact = f"side {side} was killed by signal {-status}"
        cause = "the system's memory ran out" if status == -9 else "the program crashed"
        cause += ", or somebody sent the signal"
    else:
        fact = f"side {side} ended by itself with status {status}"
        cause = (
            "the program left the process, as os._exit does, or closed a file that is not its own"
        )
    return MagnetonError(
        fact,
        cause,
        "run the target by itself to see why; it must return from its step",
        exit_status=EXIT_SIDE_FAILED,
        log=log,
    )
