"""Find and end every process of a job, also those that left its process group.

A job's processes carry a marker in their environment, which forks and ``setsid`` children
inherit. Markers nest (``job/worker``), so that one worker can be ended without its siblings and
a job with all of its workers. Only Linux shows another process's environment; elsewhere process
groups have to be enough.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

MARKER_VARIABLE = "MAGNETON_JOB"
_PROC = Path("/proc")
_ROUNDS = 100
_ROUND_S = 0.01


def new_marker() -> str:
    """A fresh marker, nested in the one that this process carries itself."""
    own = os.environ.get(MARKER_VARIABLE)
    fresh = uuid.uuid4().hex
    return f"{own}/{fresh}" if own else fresh


def kill_marked(marker: str) -> int:
    """SIGKILL every process with ``marker`` or one nested in it, except the caller.

    Repeats until none is left, because a process may fork while its siblings are killed, and
    gives up after about a second. Blocking. Returns the number of processes that were killed.
    """
    killed: set[int] = set()
    for _ in range(_ROUNDS):
        alive = set(_marked(marker))
        if not alive:
            break
        for pid in alive:
            _kill(pid)
        killed |= alive
        time.sleep(_ROUND_S)
    return len(killed)


def _marked(marker: str) -> Iterator[int]:
    exact = f"{MARKER_VARIABLE}={marker}".encode()
    for entry in _PROC.glob("[0-9]*"):
        pid = int(entry.name)
        if pid == os.getpid():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is another user's
            continue
        if any(variable == exact or variable.startswith(exact + b"/") for variable in variables):
            yield pid


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(pid, signal.SIGKILL)
