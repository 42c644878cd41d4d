"""Python stacks with exact columns, interned."""

from __future__ import annotations

import os
from itertools import islice
from types import CodeType, FrameType
from typing import Literal, NamedTuple

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
    os.path.join(_TORCH, "_dynamo", "mutation_guard.py"),
    os.path.join(_TORCH, "autograd", "graph.py"),
)
_COMPILING = ("_TorchDynamoContext.", "OptimizedModule.")  # not DisableContext, which is there too
COMPILED = os.path.join(_TORCH, "_dynamo", "eval_frame.py")
_CHECKPOINT = os.path.join(_TORCH, "utils", "checkpoint.py")
_ENGINE = os.path.join(_TORCH, "autograd", "graph.py")
_BACKWARD = "_engine_run_backward"
_Place = dict[int, int]  # instruction to frame index
_Mark = Literal["hidden", "compiling", "again", "engine"]


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


class Anchor:
    """A call that lasts for many operators: what lies outside of it is walked once.

    Holds the frame, with everything in it, for as long as the call lasts: whoever makes one drops
    it then.
    """

    __slots__ = ("frame", "outer", "within")

    def __init__(self, frame: FrameType, within: Anchor | None) -> None:
        self.frame, self.within = frame, within
        self.outer: _Outer | None = None


class _Outer(NamedTuple):
    """The frames outside of an anchor, innermost first; equal ones have equal numbers."""

    number: int
    indices: tuple[int, ...]
    mark: str


_NOTHING = _Outer(-1, (), "")


class Stacks:
    """Interns frames and stacks of one recording; keeps code objects, never frames.

    ``again`` says of the stack captured last that it computes a forward pass again (activation
    checkpointing) within the backward pass.
    """

    def __init__(self) -> None:
        # By identity: the hash of a code object reads all of it. Kept alive by ``_codes``.
        self._places: dict[int, _Place | _Mark] = {}
        self._codes: list[CodeType] = []
        self._frames: list[tuple[CodeType, int]] = []
        self._stacks: dict[tuple[int, ...], int] = {}
        self._outers: dict[tuple[int, ...], int] = {}
        self._seen: dict[tuple[int, ...], int] = {}
        self.compiled: set[str] = set()
        self.again = False

    def capture(self, frame: FrameType | None, anchor: Anchor | None = None) -> int:
        """The index of the stack that starts at ``frame``, innermost first.

        ``anchor`` is the innermost one, which need not be among the callers of ``frame``.
        """
        indices, outer, mark = self._walk(frame, anchor)
        self.again = mark == "again"
        key = (outer.number, *indices)
        found = self._seen.get(key)
        if found is None:
            whole = (*indices, *outer.indices)
            found = self._seen[key] = self._stacks.setdefault(whole, len(self._stacks))
        return found

    def _walk(
        self, frame: FrameType | None, anchor: Anchor | None
    ) -> tuple[list[int], _Outer, str]:
        """The frames from ``frame`` to the anchor's, what is outside of it, and the mark of all:
        the innermost, which tells on whose behalf the operator runs."""
        indices: list[int] = []
        places, mark = self._places, ""
        last = None if anchor is None else anchor.frame
        while frame is not None:
            code = frame.f_code
            place = places.get(id(code))
            if place is None:
                place = self._meet(code)
            if type(place) is dict:
                instruction = frame.f_lasti
                index = place.get(instruction)
                if index is None:
                    index = place[instruction] = len(self._frames)
                    self._frames.append((code, instruction))
                indices.append(index)
            elif place == "compiling":
                self.compiled.add(_caller(frame))
            elif place != "hidden" and not mark:
                mark = str(place)
            if anchor is not None and frame is last:
                outer = self._outside(anchor)
                return indices, outer, mark or outer.mark
            frame = frame.f_back
        return indices, _NOTHING, mark

    def _outside(self, anchor: Anchor) -> _Outer:
        if anchor.outer is None:
            indices, outer, mark = self._walk(anchor.frame.f_back, anchor.within)
            whole = (*indices, *outer.indices)
            number = self._outers.setdefault(whole, len(self._outers))
            anchor.outer = _Outer(number, whole, mark)
        return anchor.outer

    def _meet(self, code: CodeType) -> _Place | _Mark:
        self._codes.append(code)
        place: _Place | _Mark
        if code.co_filename == COMPILED:
            place = "compiling" if code.co_qualname.startswith(_COMPILING) else "hidden"
        elif code.co_filename == _CHECKPOINT:
            place = "again"
        elif code.co_filename == _ENGINE and code.co_name == _BACKWARD:
            place = "engine"
        else:
            place = "hidden" if is_plumbing(code) else {}
        self._places[id(code)] = place
        return place

    def frames(self) -> tuple[Frame, ...]:
        """All frames in index order, resolved."""
        return tuple(resolve(code, instruction) for code, instruction in self._frames)

    def stacks(self) -> tuple[tuple[int, ...], ...]:
        """All stacks in index order, as frame indices."""
        return tuple(self._stacks)
