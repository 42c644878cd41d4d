"""Turns what went wrong in the user's program into words and the user's own frames."""

from __future__ import annotations

import os
import sysconfig
from types import TracebackType
from typing import Literal

from .schema.location import Frame
from .schema.messages import Failure
from .stacks import is_plumbing, resolve

# torch raises a RuntimeError of these words, from CUDA's allocator and from the CPU's.
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory")
_STDLIB = sysconfig.get_paths()["stdlib"] + os.sep


class TargetError(Exception):
    """The target cannot be used as it was named, or as was asked of it (``usage``): fact, cause
    and remedy."""

    def __init__(
        self, fact: str, cause: str, remedy: str, kind: Literal["target", "usage"] = "target"
    ) -> None:
        super().__init__(fact)
        self.failure = Failure(kind, fact, cause, remedy, ())


def raised(error: BaseException, doing: str) -> Failure:
    """The failure for an exception that the user's program let through while ``doing``."""
    text = str(error).strip()
    kind = type(error).__name__
    out_of_memory = isinstance(error, MemoryError) or any(
        words in text.lower() for words in _OUT_OF_MEMORY
    )
    return Failure(
        kind="memory" if out_of_memory else "raised",
        fact=f"{doing} raised {kind}" + (f": {text}" if text else ""),
        cause="the program ran out of memory" if out_of_memory else "the error is the program's",
        remedy=(
            "use a smaller batch or model, or close what else holds the memory"
            if out_of_memory
            else "run the target by itself first; the traceback shows where it stops"
        ),
        frames=user_frames(error.__traceback__),
    )


def user_frames(trace: TracebackType | None) -> tuple[Frame, ...]:
    """The frames of ``trace`` that are not plumbing, innermost last."""
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if not is_plumbing(code) and not code.co_filename.startswith(_STDLIB + "runpy"):
            frames.append(resolve(code, trace.tb_lasti))
        trace = trace.tb_next
    return tuple(frames)
