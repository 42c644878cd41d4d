"""The clock that meters live by."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since some moment, and waiting for them to pass."""

    def now_s(self) -> float: ...

    def sleep(self, duration_s: float) -> None: ...

    def wait(self, stop: threading.Event, duration_s: float) -> bool:
        """Wait for ``stop``, at most ``duration_s``; whether it is set."""


class SystemClock:
    """The machine's own."""

    def now_s(self) -> float:
        return time.perf_counter()

    def sleep(self, duration_s: float) -> None:
        time.sleep(duration_s)

    def wait(self, stop: threading.Event, duration_s: float) -> bool:
        return stop.wait(duration_s)
