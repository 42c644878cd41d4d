"""Jobs, one at a time: two at once would disturb each other's measurements."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from magneton_agent.schema.errors import EXIT_SIDE_FAILED, MagnetonError

from .job_messages import Advanced, Done, Work
from .job_process import job_command, run_job
from .request import PhaseName

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL_STATES: frozenset[State] = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True)
class JobStatus:
    """Where a job stands. ``done`` is set in state done, ``error`` in state failed."""

    id: str
    work: Work
    state: State = "queued"
    phase: PhaseName | None = None
    fraction: float = 0.0
    message: str = ""
    done: Done | None = None
    error: MagnetonError | None = None


@dataclass
class _Running:
    status: JobStatus
    task: asyncio.Task[None]
    cancelled: bool = False


class JobQueue:
    """Runs submitted work in order, each in a process of its own.

    ``on_change`` is called in the event loop at every change of a job's status. When it hears of
    a final state, no process of that job is left.
    """

    def __init__(
        self, on_change: Callable[[JobStatus], None], command: Sequence[str] | None = None
    ) -> None:
        self._on_change = on_change
        self._command = command or job_command()
        self._turn = asyncio.Lock()
        self._jobs: dict[str, _Running] = {}

    def submit(self, work: Work) -> str:
        """Queue ``work``; returns the job's id. Must be called in the event loop."""
        status = JobStatus(uuid.uuid4().hex, work)
        task = asyncio.create_task(self._run(status.id, work))
        self._jobs[status.id] = _Running(status, task)
        task.add_done_callback(lambda task: self._forget(status.id, task))
        self._on_change(status)
        return status.id

    def cancel(self, job: str) -> bool:
        """Whether ``job`` was still to be cancelled; ``on_change`` tells when it has ended."""
        running = self._jobs.get(job)
        if running is None or running.cancelled:
            return False
        running.cancelled = True  # a second cancellation would interrupt the clearing up
        return running.task.cancel()

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = [running.task for running in self._jobs.values()]
        for job in list(self._jobs):
            self.cancel(job)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: str, work: Work) -> None:
        try:
            async with self._turn:
                self._change(job, state="running")
                done = await run_job(self._command, work, lambda event: self._advance(job, event))
        except MagnetonError as error:
            self._change(job, state="failed", error=error)
        else:
            self._change(job, state="done", fraction=1.0, done=done)

    def _advance(self, job: str, event: Advanced) -> None:
        self._change(job, phase=event.phase, fraction=event.fraction, message=event.message)

    def _change(self, job: str, **changes: Any) -> None:
        running = self._jobs[job]
        running.status = replace(running.status, **changes)
        self._on_change(running.status)

    def _forget(self, job: str, task: asyncio.Task[None]) -> None:
        """The task has ended: tell of an end that it could not tell of itself."""
        try:
            if task.cancelled():
                self._change(job, state="cancelled")
            elif (fault := task.exception()) is not None:
                self._change(job, state="failed", error=_internal(fault))
        finally:
            del self._jobs[job]


def _internal(fault: BaseException) -> MagnetonError:
    return MagnetonError(
        "the run could not be followed",
        f"{type(fault).__name__}: {fault}",
        "run it again; if it happens again, please report it as a fault of Magneton",
        EXIT_SIDE_FAILED,
    )
