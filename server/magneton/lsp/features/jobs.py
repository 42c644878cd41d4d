"""Tells the client of jobs (``magneton/job``) and shows what they bring."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lsprotocol import types

from magneton.engine.job_messages import DoctorRequest, job_kind
from magneton.engine.queue import JobStatus
from magneton.engine.store import Result
from magneton.report import doctor
from magneton.report.printable import printable

from ..pacing import Pacer
from ..server import MagnetonServer
from ..summary import summary
from ..texts import describe, unlinked
from . import results
from .progress import Bars

JOB = "magneton/job"


def register(server: MagnetonServer) -> None:
    server.job_listeners.append(_Follower(server).follow)

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancel_bar(params: types.WorkDoneProgressCancelParams) -> None:
        server.queue.cancel(str(params.token))

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.queue.close()


class _Follower:
    """Results are shown before their job is told to be done, so that a client can ask for them."""

    def __init__(self, server: MagnetonServer) -> None:
        self._server = server
        self._bars = Bars(server)
        self._pacer = Pacer(self._tell)
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, status: JobStatus) -> None:
        result = _result(status)
        if result is None:
            self._pacer(status)
            return
        task = asyncio.create_task(self._show(status, result))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _show(self, status: JobStatus, result: Result) -> None:
        work, done = status.work, status.done
        if not isinstance(work, DoctorRequest) and done is not None:
            path = Path(done.path) if done.path is not None else None
            await results.show(self._server, Path(work.workspace), result, path)
        self._pacer(status)

    def _tell(self, status: JobStatus) -> None:
        self._server.protocol.notify(JOB, _notification(status))
        self._bars.follow(status)


def _result(status: JobStatus) -> Result | None:
    done = status.done
    return (done.comparison or done.measurement or done.what_if) if done else None


def _notification(status: JobStatus) -> dict[str, Any]:
    comparison = status.done.comparison if status.done else None
    return {
        "job": status.id,
        "kind": job_kind(status.work),
        "state": status.state,
        "phase": status.phase,
        "fraction": status.fraction,
        "message": unlinked(_message(status)),
        "verdict": comparison.verdict if comparison else None,
        "log": [printable(line.rstrip()) for line in status.error.log] if status.error else [],
    }


def _message(status: JobStatus) -> str:
    if status.error is not None:
        return describe(status.error)
    if status.done is None:
        return status.message
    if status.done.examination is not None:
        return doctor.render(status.done.examination)
    result = _result(status)
    text = summary(result) if result is not None else ""
    return f"{text}\nNot stored: {status.done.warning}" if status.done.warning else text
