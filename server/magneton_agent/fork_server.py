"""Forks an agent whenever the engine asks: libraries are imported once, not once a process.

What is said is a line each way. The engine sends ``fork`` with a descriptor, the new agent's
channel, and hears the agent's process id; or it sends a process id and how long that process may
still take to end, in seconds, after which it is killed with its group, and hears what it ended
with.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Sequence

from .libraries import import_libraries
from .lifetime import leave
from .schema.forks import READY, UNFIT

_LONGEST = 64
_ROUND_S = 0.01


def serve_forks(descriptor: int, libraries: Sequence[str]) -> int:
    """Import ``libraries`` and serve the engine over ``descriptor``.

    Returns in each forked child, with the descriptor of its channel.
    """
    import_libraries(libraries)
    with socket.socket(fileno=descriptor) as engine:
        fit = _is_fit()
        engine.sendall(READY if fit else UNFIT)
        children: set[int] = set()
        while True:
            message, channels, _, _ = socket.recv_fds(engine, _LONGEST, 1)
            if not fit or not message:
                leave()
            if not channels:
                child, patience_s = message.split()
                answer = _end(int(child), float(patience_s), children)
            elif answer := _fork(engine):
                os.close(channels[0])
                children.add(answer)
            else:
                return channels[0]
            engine.sendall(b"%d\n" % answer)


def _is_fit() -> bool:
    """Whether a child can go on with what the libraries have left: a thread would be gone, and a
    GPU that was taken cannot be used in it."""
    import torch

    return threading.active_count() == 1 and not torch.cuda.is_initialized()


def _fork(engine: socket.socket) -> int:
    child = os.fork()
    if child == 0:
        engine.close()
        os.setsid()
    return child


def _end(child: int, patience_s: float, children: set[int]) -> int:
    """What ``child`` ended with, as ``subprocess`` has it; 0 where that was told before."""
    if child not in children:
        return 0
    children.remove(child)
    ended, status = os.waitpid(child, os.WNOHANG)
    until_s = time.monotonic() + patience_s
    while not ended and time.monotonic() < until_s:
        time.sleep(_ROUND_S)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        for kill in (os.killpg, os.kill):  # it may not have made its group yet
            with contextlib.suppress(ProcessLookupError):
                kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
