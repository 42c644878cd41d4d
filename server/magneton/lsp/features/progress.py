"""A job's progress as the client's own progress bar, where the client has one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from magneton.engine.job_messages import JobKind, job_kind
from magneton.engine.queue import FINAL_STATES, JobStatus

from ..server import MagnetonServer
from ..texts import unlinked

_TITLES: dict[JobKind, str] = {
    "compare": "Magneton: comparing",
    "measure": "Magneton: measuring",
    "what-if": "Magneton: trying other settings",
    "doctor": "Magneton: examining the interpreter",
}


@dataclass
class _Bar:
    latest: JobStatus
    begun: bool = False
    refused: bool = False


class Bars:
    """One bar a job; its token is the job's id."""

    def __init__(self, server: MagnetonServer) -> None:
        self._server = server
        self._bars: dict[str, _Bar] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, status: JobStatus) -> None:
        """Show ``status``; the first one of a job asks the client for a bar."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        bar = self._bars.get(status.id)
        if bar is None:
            self._bars[status.id] = bar = _Bar(status)
            task = asyncio.create_task(self._create(bar))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        bar.latest = status
        self._update(bar)

    async def _create(self, bar: _Bar) -> None:
        """The client may take its time; what happens meanwhile is shown when it has answered."""
        job = bar.latest.id
        try:
            await self._server.work_done_progress.create_async(job)
        except JsonRpcException:
            bar.refused = True
        else:
            title = _TITLES[job_kind(bar.latest.work)]
            self._server.work_done_progress.begin(
                job, types.WorkDoneProgressBegin(title, cancellable=True, percentage=0)
            )
            bar.begun = True
        self._update(bar)

    def _update(self, bar: _Bar) -> None:
        status, progress = bar.latest, self._server.work_done_progress
        final = status.state in FINAL_STATES
        if bar.begun and final:
            progress.end(status.id, types.WorkDoneProgressEnd(message=status.state))
        elif bar.begun:
            percentage = min(100, max(0, round(100 * status.fraction)))
            progress.report(
                status.id,
                types.WorkDoneProgressReport(message=_message(status), percentage=percentage),
            )
        if final and (bar.begun or bar.refused):
            progress.tokens.pop(status.id, None)
            self._bars.pop(status.id, None)


def _message(status: JobStatus) -> str:
    if status.state == "queued":
        return "waiting for another run"
    return unlinked(": ".join(part for part in (status.phase, status.message) if part))
