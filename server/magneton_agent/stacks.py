"""Python stacks with exact columns, interned."""

from __future__ import annotations

import os
from itertools import islice
from types import CodeType, FrameType

import torch

from .schema.location import Frame

_AGENT = os.path.dirname(os.path.abspath(__file__)) + os.sep
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
# Frames that every call of a module, decorator or dispatch passes through and that say nothing.
_PLUMBING = (
    os.path.join(_TORCH, "nn", "modules", "module.py"),
    os.path.join(_TORCH, "utils", "_contextlib.py"),
    os.path.join(_TORCH, "utils", "_device.py"),
    os.path.join(_TORCH, "utils", "_python_dispatch.py"),
    os.path.join(_TORCH, "_ops.py"),
    os.path.join(_TORCH, "_compile.py"),
    os.path.join(_TORCH, "autograd", "graph.py"),
)
_COMPILING = ("_TorchDynamoContext.", "OptimizedModule.")  # not DisableContext, which is there too
COMPILED = os.path.join(_TORCH, "_dynamo", "eval_frame.py")


def is_plumbing(code: CodeType) -> bool:
    """Whether ``code`` is the agent's own or a wrapper that no reader wants to see."""
    path = code.co_filename
    return path.startswith((_AGENT, "<")) or path in _PLUMBING


def resolve(code: CodeType, instruction: int) -> Frame:
    """The frame of ``code`` at byte offset ``instruction`` (``f_lasti``)."""
    line, end_line, column, end_column = next(
        islice(code.co_positions(), instruction // 2, None), (None,) * 4
    )
    line = line or code.co_firstlineno
    return Frame(
        path=os.path.abspath(code.co_filename),
        function=code.co_qualname,
        first_line=code.co_firstlineno,
        line=line,
        column=column or 0,
        end_line=end_line or line,
        end_column=end_column or 0,
    )


def _caller(frame: FrameType) -> str:
    """The function from which compiled code was called."""
    name = frame.f_code.co_qualname
    while (outer := frame.f_back) is not None:
        frame = outer
        if not is_plumbing(frame.f_code) and frame.f_code.co_filename != COMPILED:
            return frame.f_code.co_qualname
    return name


class Stacks:
    """Interns frames and stacks of one recording; keeps code objects, never frames."""

    def __init__(self) -> None:
        self._frames: dict[tuple[CodeType, int], int] = {}
        self._stacks: dict[tuple[int, ...], int] = {}
        self._shown: dict[CodeType, bool] = {}
        self.compiled: set[str] = set()

    def capture(self, frame: FrameType | None) -> int:
        """The index of the stack that starts at ``frame``, innermost first."""
        indices = []
        while frame is not None:
            code = frame.f_code
            shown = self._shown.get(code)
            if shown is None:
                shown = self._shown[code] = not is_plumbing(code) and code.co_filename != COMPILED
            if code.co_filename == COMPILED and code.co_qualname.startswith(_COMPILING):
                self.compiled.add(_caller(frame))
            if shown:
                key = (code, frame.f_lasti)
                indices.append(self._frames.setdefault(key, len(self._frames)))
            frame = frame.f_back
        return self._stacks.setdefault(tuple(indices), len(self._stacks))

    def frames(self) -> tuple[Frame, ...]:
        """All frames in index order, resolved."""
        return tuple(resolve(code, instruction) for code, instruction in self._frames)

    def stacks(self) -> tuple[tuple[int, ...], ...]:
        """All stacks in index order, as frame indices."""
        return tuple(self._stacks)
