"""How the agent's process ends: when the engine is done with it, and when the engine is gone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from typing import NoReturn

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_WATCH_S = 0.5


def leave() -> NoReturn:
    """End this process, whatever the program left behind."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()  # the program may have closed or replaced it
    os._exit(0)  # not sys.exit: the program's own handlers and threads could hold it up


def die_with_parent(parent: int) -> None:
    """End this process when ``parent`` ends, even while the program runs native code.

    The parent of one of several ranks is what launched them; ``parent`` is then its parent.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), name="magneton-watch", daemon=True).start()


def _watch(parent: int) -> None:
    launcher = os.getppid()
    while os.getppid() == launcher and (launcher == parent or _exists(parent)):
        time.sleep(_WATCH_S)
    os._exit(0)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
