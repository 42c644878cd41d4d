"""Ends a run in order where its process is asked to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` comes to. SIGTERM (a cancelled CI job, ``timeout``) and SIGHUP (a closed
    terminal) cancel it as Ctrl+C does: its processes are ended, its temporary folders removed.

    Raises:
        KeyboardInterrupt: it was cancelled.
    """
    with _as_interrupts():
        return asyncio.run(work)


@contextlib.contextmanager
def _as_interrupts() -> Iterator[None]:
    found = {number: signal.getsignal(number) for number in _SIGNALS}
    before = {number: each for number, each in found.items() if each is not signal.SIG_IGN}  # nohup
    try:
        for number in before:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:  # jobs that a shell starts in the background ignore Ctrl+C
        raise KeyboardInterrupt
