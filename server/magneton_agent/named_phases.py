"""Phases that the program names, and the two of generating that name themselves.

:func:`phase` is imported by the user's program, also where Magneton does not run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

_NAME: ContextVar[str] = ContextVar("magneton_phase", default="")
_METHOD, _PREFILL, _DECODE = "generate", "prefill", "decode"
Call = tuple[int, int, int]
"""The number of a call of ``generate``, a module, and which call of it, counted from 1."""


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Have what runs in the block costed apart, as ``name``; of nested blocks the inner one counts.

    Holds for the thread, or the task, that enters it. Does nothing where nobody measures.
    """
    token = _NAME.set(name)
    try:
        yield
    finally:
        _NAME.reset(token)


def named_phase() -> str:
    """The name of the innermost block that is entered, ``""`` outside of all."""
    return _NAME.get()


class Generations:
    """Tells prefill from decode by the shape of what happens: something called ``generate`` calls
    one module again and again, first for all that is there, then for one token after the other.

    Holds the frame of that call until it has ended; to be cleared after the step.
    """

    def __init__(self) -> None:
        self._frame: FrameType | None = None
        self._depth = self._number = 0
        self._calls: dict[tuple[int, int], int] = {}
        self._call: Call | None = None

    def enter(self, module: object, depth: int, frame: FrameType, until: FrameType | None) -> None:
        """``module`` is called from ``frame``, within ``depth`` other modules, the innermost of
        which (or the step) was called from ``until``."""
        method = _calling(frame, until)
        if method is None:
            return
        if method is not self._frame:
            self._frame, self._depth, self._number = method, depth, self._number + 1
        key = self._number, id(module)
        self._calls[key] = self._calls.get(key, 0) + 1
        self._call = (*key, self._calls[key])

    def call(self, depth: int, frame: FrameType | None) -> Call | None:
        """The module's call that was the last before ``frame``, within ``depth`` modules, if
        ``generate`` is still running."""
        if self._frame is None:
            return None
        if depth <= self._depth and not _is_within(frame, self._frame):
            self.clear()
        return self._call

    def name(self, call: Call) -> str:
        """``prefill``, ``decode``, or ``""`` for a module that was called only once."""
        number, module, times = call
        if self._calls[number, module] == 1:
            return ""
        return _PREFILL if times == 1 else _DECODE

    def clear(self) -> None:
        """Let go of the frame."""
        self._frame = self._call = None


def _calling(frame: FrameType | None, until: FrameType | None) -> FrameType | None:
    while frame is not None and frame is not until:
        if frame.f_code.co_name == _METHOD:
            return frame
        frame = frame.f_back
    return None


def _is_within(frame: FrameType | None, outer: FrameType) -> bool:
    while frame is not None:
        if frame is outer:
            return True
        frame = frame.f_back
    return False
