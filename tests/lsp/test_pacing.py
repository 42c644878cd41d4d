"""Progress is paced, changes of state are not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from magneton.engine.job_messages import DoctorRequest
from magneton.engine.queue import JobStatus
from magneton.lsp.pacing import Pacer

RUNNING = JobStatus("job", DoctorRequest("python"), state="running")


def test_a_burst_of_progress_becomes_its_first_and_its_last() -> None:
    told: list[JobStatus] = []

    async def scenario() -> None:
        pacer = Pacer(told.append)
        pacer(replace(RUNNING, state="queued"))
        for percent in range(100):
            pacer(replace(RUNNING, fraction=percent / 100))
        assert [status.fraction for status in told] == [0.0, 0.0]
        await asyncio.sleep(0.3)
        assert [status.fraction for status in told] == [0.0, 0.0, 0.99]

    asyncio.run(scenario())


def test_the_end_is_told_at_once_and_nothing_after_it() -> None:
    told: list[JobStatus] = []

    async def scenario() -> None:
        pacer = Pacer(told.append)
        pacer(RUNNING)
        pacer(replace(RUNNING, fraction=0.5))
        pacer(replace(RUNNING, state="done", fraction=1.0))
        await asyncio.sleep(0.3)

    asyncio.run(scenario())
    assert [(status.state, status.fraction) for status in told] == [("running", 0.0), ("done", 1.0)]
