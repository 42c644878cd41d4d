"""Keeps a job's progress from flooding the client: the latest, at most ten times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from magneton.engine.queue import FINAL_STATES, JobStatus

_INTERVAL_S = 0.1


@dataclass
class _Pace:
    told: JobStatus
    latest: JobStatus
    timer: asyncio.TimerHandle | None = None


class Pacer:
    """Passes statuses on to ``tell``: each change of state at once, progress in between paced."""

    def __init__(self, tell: Callable[[JobStatus], None]) -> None:
        self._tell = tell
        self._paces: dict[str, _Pace] = {}

    def __call__(self, status: JobStatus) -> None:
        pace = self._paces.get(status.id)
        if pace is None:
            self._paces[status.id] = _Pace(status, status)
            self._tell(status)
        elif status.state != pace.told.state:
            self._stop(pace)
            pace.told = pace.latest = status
            self._tell(status)
        else:
            pace.latest = status
            if pace.timer is None:
                loop = asyncio.get_running_loop()
                pace.timer = loop.call_later(_INTERVAL_S, self._tell_latest, pace)
        if status.state in FINAL_STATES:
            self._paces.pop(status.id, None)

    def _tell_latest(self, pace: _Pace) -> None:
        pace.timer = None
        pace.told = pace.latest
        self._tell(pace.latest)

    def _stop(self, pace: _Pace) -> None:
        if pace.timer is not None:
            pace.timer.cancel()
            pace.timer = None
