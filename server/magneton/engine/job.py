"""A job's process: runs one comparison, measurement or examination for the language server.

It reads one :class:`Job` from standard input and writes events to standard output. It gives up,
ending its workers, when standard input closes (its server has gone or wants no result any more)
or at SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from magneton_agent.schema.codec import from_json, to_json
from magneton_agent.schema.errors import EXIT_DONE, EXIT_STOPPED, MagnetonError

from . import store
from .job_messages import Advanced, DoctorRequest, Done, Event, Failed, Job, Work
from .request import CompareRequest, MeasureRequest, Progress, WhatIfRequest

Emit = Callable[[Event], None]


def main() -> int:
    """Run the job that standard input describes; returns the exit status."""
    _prefer_as_memory_victim()
    with _take_standard_output() as channel:
        line = sys.stdin.buffer.readline()
        if not line:
            return EXIT_STOPPED
        work = from_json(Job, json.loads(line)).work
        return asyncio.run(_run(work, lambda event: _write(channel, event)))


def _prefer_as_memory_victim() -> None:
    """Where memory runs out, this job and its workers should go, not the editor."""
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _take_standard_output() -> BinaryIO:
    """Standard output for events alone: whatever else is printed goes to standard error."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return channel


def _write(channel: BinaryIO, event: Event) -> None:
    channel.write(json.dumps(to_json(event)).encode() + b"\n")
    channel.flush()


async def _run(work: Work, emit: Emit) -> int:
    task = asyncio.create_task(_outcome(work, emit))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)

    def on_input() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            task.cancel()

    loop.add_reader(sys.stdin.fileno(), on_input)
    try:
        emit(Event(await task))
    except asyncio.CancelledError:
        return EXIT_STOPPED
    return EXIT_DONE


async def _outcome(work: Work, emit: Emit) -> Done | Failed:
    def on_progress(progress: Progress) -> None:
        emit(Event(Advanced("progress", progress.phase, progress.fraction, progress.message)))

    try:
        return await _do(work, on_progress)
    except MagnetonError as error:
        return Failed(
            "failed",
            error.fact,
            error.cause,
            error.remedy,
            error.exit_status,
            error.trace,
            error.log,
        )


async def _do(work: Work, on_progress: Callable[[Progress], None]) -> Done:
    # Each imports only what it needs: an examination should not wait for the analysis.
    match work:
        case CompareRequest():
            from .comparison import compare

            with contextlib.suppress(MagnetonError):  # without it only "again" has nothing to run
                store.save_request(Path(work.workspace), work)
            comparison = await compare(work, on_progress)
            path, warning = _save(work, comparison)
            return Done("done", comparison=comparison, path=path, warning=warning)
        case MeasureRequest():
            from .measurement import measure

            measurement = await measure(work, on_progress)
            path, warning = _save(work, measurement)
            return Done("done", measurement=measurement, path=path, warning=warning)
        case WhatIfRequest():
            from .what_if import what_if

            tried = await what_if(work, on_progress)
            path, warning = _save(work, tried)
            return Done("done", what_if=tried, path=path, warning=warning)
        case DoctorRequest():
            from .doctor import examine

            return Done("done", examination=await examine(work.python))


def _save(
    work: CompareRequest | MeasureRequest | WhatIfRequest, result: store.Result
) -> tuple[str | None, str | None]:
    """The file that ``result`` was stored in, or None and why not: neither a full disk nor a fault
    of ours loses a result."""
    try:
        with store.faults_told():
            return str(store.save_result(Path(work.workspace), result)), None
    except MagnetonError as error:
        return None, f"{error.fact}: {error.cause}"
