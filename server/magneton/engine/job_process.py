"""The server's end of a job process: starts it, follows its events, ends it and its workers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import Callable, Sequence

from magneton_agent.schema.codec import from_json, to_json
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError

from .job_messages import Advanced, Done, Event, Failed, Job, Work
from .processes import MARKER_VARIABLE, kill_marked, new_marker

# The server's libraries may have been put on sys.path by an entry script, as in the .vsix.
_BOOTSTRAP = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from magneton.engine.job import main; sys.exit(main())"
)
_LONGEST_LINE = 64 * 1024 * 1024
_LOG_BYTES, _LOG_LINES = 16 * 1024, 20
_GRACE_S = 1.0


def job_command() -> tuple[str, ...]:
    """How a job is started: this interpreter, isolated, with this process's libraries."""
    libraries = json.dumps([entry for entry in sys.path if entry])
    return (sys.executable, "-I", "-c", _BOOTSTRAP, libraries)


async def run_job(
    command: Sequence[str], work: Work, on_advance: Callable[[Advanced], None]
) -> Done:
    """Run ``work`` in a process started by ``command``.

    When this returns, raises or is cancelled, the process and all that it started have ended.

    Raises:
        MagnetonError: the job failed, or its process ended or spoke nonsense.
    """
    marker = new_marker()
    transport, process = await _start(command, marker)
    tail = bytearray()
    drain = asyncio.create_task(_keep_tail(process, tail))
    try:
        await _send(process, work)
        outcome = await _follow(process, on_advance)
    finally:
        try:
            await _end(process, marker)
        finally:
            drain.cancel()
            transport.close()
    if isinstance(outcome, Done):
        return outcome
    raise outcome or _unexpected_end(process, tail)


async def _start(
    command: Sequence[str], marker: str
) -> tuple[asyncio.SubprocessTransport, Process]:
    # As create_subprocess_exec does, but keeping the transport: pipes that were not read to
    # their end are closed only by it.
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.subprocess_exec(
            lambda: SubprocessStreamProtocol(limit=_LONGEST_LINE, loop=loop),
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=os.environ | {MARKER_VARIABLE: marker},
            start_new_session=True,
        )
    except OSError as error:
        raise MagnetonError(
            "no process could be started for the run",
            error.strerror or str(error),
            "end some programs and run it again",
            EXIT_SIDE_FAILED,
        ) from error
    return transport, Process(transport, protocol, loop)


async def _send(process: Process, work: Work) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(to_json(Job(work))).encode() + b"\n")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it ended: seen in _follow
        await process.stdin.drain()


async def _follow(
    process: Process, on_advance: Callable[[Advanced], None]
) -> Done | MagnetonError | None:
    """What the job came to; None where it ended without a last word."""
    assert process.stdout is not None
    try:
        while line := await process.stdout.readline():
            event = from_json(Event, json.loads(line)).event
            if isinstance(event, Done):
                return event
            if isinstance(event, Failed):
                return _error(event)
            on_advance(event)
            await asyncio.sleep(0)  # a flood of events must not keep the server from its client
    except ValueError as error:  # no JSON, no event, or a line without an end
        return MagnetonError(
            "the run was stopped: what it reported could not be understood",
            str(error)[:200],
            "run it again; if it happens again, please report it as a fault of Magneton",
            EXIT_SIDE_FAILED,
        )
    return None


def _error(failed: Failed) -> MagnetonError:
    return MagnetonError(
        failed.fact, failed.cause, failed.remedy, failed.exit_status, failed.trace, failed.log
    )


def _unexpected_end(process: Process, tail: bytearray) -> MagnetonError:
    log = tuple(tail.decode("utf-8", "replace").splitlines()[-_LOG_LINES:])
    status = process.returncode or 0
    if status < 0:
        return MagnetonError(
            f"the run was ended by signal {-status} ({signal.strsignal(-status)})",
            "often because the machine ran out of memory" if status == -signal.SIGKILL else "",
            "run it again, with smaller inputs or fewer programs beside it",
            EXIT_SIDE_FAILED,
            log=log,
        )
    return MagnetonError(
        f"the run ended unexpectedly with status {status}",
        log[-1] if log else "",
        "run it again; if it happens again, please report it as a fault of Magneton",
        EXIT_SIDE_FAILED,
        log=log,
    )


async def _keep_tail(process: Process, tail: bytearray) -> None:
    """Read the job's standard error, whatever its amount, and keep its end in ``tail``."""
    assert process.stderr is not None
    while chunk := await process.stderr.read(_LOG_BYTES):
        tail += chunk
        del tail[:-_LOG_BYTES]


async def _end(process: Process, marker: str) -> None:
    """Ask the process to end itself by closing its input; after a grace period kill what is left
    of it, its group and everything that carries its marker."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await _wait(process)
        await asyncio.to_thread(_kill, process, marker)
    except asyncio.CancelledError:  # the server itself is ending
        _kill(process, marker)
        raise
    await _wait(process)


async def _wait(process: Process) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await process.wait()


def _kill(process: Process, marker: str) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    kill_marked(marker)
