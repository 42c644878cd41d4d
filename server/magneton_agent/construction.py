"""Remembers how objects were built: which call, and with which arguments.

Only in a worker that was started to explain a finding: it keeps every object that it saw.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType

from .schema.location import Frame
from .stacks import is_plumbing, resolve

_CONSTRUCTOR = "__init__"
_VARARGS, _VARKEYWORDS = 0x04, 0x08


@dataclass(frozen=True)
class Call:
    """One constructor call: ``arguments`` by parameter name, ``stack`` innermost first."""

    code: CodeType
    arguments: dict[str, object]
    stack: tuple[tuple[CodeType, int], ...]


class ConstructionLog:
    """Constructor calls by the object that they built, in order: the outermost class's first."""

    def __init__(self) -> None:
        self._calls: dict[int, list[Call]] = {}
        self._alive: list[object] = []  # an id is only unique while its object lives

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note every Python constructor that is entered meanwhile, in this thread."""
        previous = sys.getprofile()
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(previous)

    def calls(self, built: object) -> list[Call]:
        """The constructor calls that made ``built``, empty where they were not seen."""
        return self._calls.get(id(built), [])

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name != _CONSTRUCTOR or not code.co_argcount:
            return
        arguments = arguments_of(frame)
        built = arguments.pop(code.co_varnames[0])
        calls = self._calls.setdefault(id(built), [])
        if not calls:
            self._alive.append(built)
        calls.append(Call(code, arguments, _stack(frame.f_back)))

    def frames(self, built: object) -> tuple[Frame, ...]:
        """The stack of the call that built ``built``, innermost first."""
        calls = self.calls(built)
        return tuple(resolve(*entry) for entry in calls[0].stack) if calls else ()


def arguments_of(frame: FrameType) -> dict[str, object]:
    """The arguments that the function of ``frame`` was entered with, by parameter name."""
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames[:count])
    for flag in (_VARARGS, _VARKEYWORDS):
        if code.co_flags & flag:
            names.append(code.co_varnames[count])
            count += 1
    return {name: values[name] for name in names if name in values}


def _stack(frame: FrameType | None) -> tuple[tuple[CodeType, int], ...]:
    found = []
    while frame is not None:
        if not is_plumbing(frame.f_code):
            found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found)
