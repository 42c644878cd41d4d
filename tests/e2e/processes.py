"""Finds and awaits processes, from Linux's ``/proc``."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 60.0


def with_argument(part: str) -> list[int]:
    """The ids of the processes with ``part`` in an argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if part.encode() in command:
            found.append(int(folder.name))
    return found


def runs(process_id: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return when ``condition`` holds.

    Raises:
        TimeoutError: it did not within ``patience_s`` seconds.
    """
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {patience_s:g} s")
        time.sleep(0.05)
