"""Remembers the calls of Python functions: what they were entered with, and what they left.

Only in a worker that was started to explain a finding: it keeps every object that it saw, of
tensors that are no parameters only dtype, shape and strides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import torch

from .importing import is_library, profiled
from .stacks import is_plumbing

_CONSTRUCTOR, _MODULE = "__init__", "<module>"
_TUPLE_CLASS = "_cls"
_IMPORT_SYSTEM = "<frozen"
_MODULES = torch.nn.modules.module.__file__
_VARARGS, _VARKEYWORDS = 0x04, 0x08
_MOST_CALLS = 500  # of one function other than a constructor


@dataclass(frozen=True)
class TensorFacts:
    """What is kept of a tensor."""

    dtype: torch.dtype
    shape: torch.Size
    strides: tuple[int, ...]

    def __repr__(self) -> str:
        return f"{self.dtype} {list(self.shape)} strides {list(self.strides)}"


@dataclass
class Moment:
    """A call, or one place within it.

    ``entered`` holds its arguments, ``names`` its local names when it returned (or was at that
    place), ``scope`` its global ones. ``caller`` is the number of the moment that called it, from
    the instruction ``at``; both None where that was not seen. ``call`` is the number of the call
    that a place lies within.
    """

    code: CodeType
    entered: dict[str, Any]
    names: dict[str, Any]
    scope: dict[str, Any]
    caller: int | None = None
    at: int | None = None
    result: object = None
    call: int | None = None


class CallLog:
    """The ``moments`` seen, by number; those that built an object by the object's ``id``."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._builders: dict[int, list[int]] = {}
        self._active: dict[FrameType, int] = {}
        self._made: dict[int, list[int]] = {}
        self._counts: Counter[CodeType] = Counter()
        self._bodies: list[bool] = []  # module bodies being run: whether each is the program's

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note every call in this thread meanwhile, but not what libraries do to be imported."""
        with profiled(self._note):
            yield

    def builders(self, built: object) -> tuple[int, ...]:
        """The constructor calls that made ``built``, the outermost class's first."""
        return tuple(self._builders.get(id(built), ()))

    def made_by(self, call: int) -> tuple[int, ...]:
        """The calls that a call made, in order."""
        return tuple(self._made.get(call, ()))

    def within(self, frame: FrameType) -> int:
        """A new moment: ``frame`` as it is now."""
        known = self._active.get(frame)
        call = self.moments[known] if known is not None else self._begun(frame)
        names = _kept(frame.f_locals)
        self.moments.append(
            # Global names may be set for a while only, as what a context manager keeps is.
            Moment(
                call.code, call.entered, names, dict(call.scope), call.caller, call.at, call=known
            )
        )
        return len(self.moments) - 1

    def add(self, moment: Moment) -> int:
        """Number a moment that was not seen, but can be told."""
        self.moments.append(moment)
        return len(self.moments) - 1

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            self._enter(frame)
        elif event == "return":
            self._leave(frame, argument)

    def _enter(self, frame: FrameType) -> None:
        code = frame.f_code
        if code.co_name == _MODULE:
            self._bodies.append(not is_library(code.co_filename))
        if not self._is_wanted(code):
            return
        call = self._begun(frame)
        self._active[frame] = len(self.moments)
        if code.co_name == _CONSTRUCTOR and code.co_argcount:
            built = call.entered[code.co_varnames[0]]
            self._builders.setdefault(id(built), []).append(len(self.moments))
        if call.caller is not None:
            self._made.setdefault(call.caller, []).append(len(self.moments))
        self.moments.append(call)

    def _is_wanted(self, code: CodeType) -> bool:
        if self._bodies and not self._bodies[-1]:
            return False
        if code.co_name == _CONSTRUCTOR or _makes_tuple(code):
            return True
        if (is_plumbing(code) and not _sets_up(code)) or code.co_filename.startswith(
            _IMPORT_SYSTEM
        ):
            return False
        self._counts[code] += 1
        return self._counts[code] <= _MOST_CALLS

    def _begun(self, frame: FrameType) -> Moment:
        outer = frame.f_back
        while outer is not None and is_plumbing(outer.f_code) and outer not in self._active:
            outer = outer.f_back
        caller = self._active.get(outer) if outer is not None else None
        at = outer.f_lasti if outer is not None else None
        return Moment(frame.f_code, arguments_of(frame), {}, frame.f_globals, caller, at)

    def _leave(self, frame: FrameType, result: object) -> None:
        code = frame.f_code
        if code.co_name == _MODULE and self._bodies:
            self._bodies.pop()
        number = self._active.pop(frame, None)
        if number is not None:
            call = self.moments[number]
            # A module's names stay true: later code may set them.
            call.names = frame.f_globals if code.co_name == _MODULE else _kept(frame.f_locals)
            call.result = _light(result)
            if _makes_tuple(code):
                self._builders.setdefault(id(result), []).append(number)


def arguments_of(frame: FrameType) -> dict[str, Any]:
    """The arguments that the function of ``frame`` was entered with, by parameter name."""
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames[:count])
    for flag in (_VARARGS, _VARKEYWORDS):
        if code.co_flags & flag:
            names.append(code.co_varnames[count])
            count += 1
    return {name: _light(values[name]) for name in names if name in values}


def _sets_up(code: CodeType) -> bool:
    """Whether this is what is called of a module to set it up, as ``train`` and ``eval`` are."""
    return code.co_filename == _MODULES and not code.co_name.startswith("_")


def _makes_tuple(code: CodeType) -> bool:
    """Whether this is what ``collections.namedtuple`` makes for its class."""
    return code.co_filename.startswith("<") and code.co_varnames[:1] == (_TUPLE_CLASS,)


def _kept(names: dict[str, Any]) -> dict[str, Any]:
    return {name: _light(value) for name, value in names.items()}


def facts_of(tensor: torch.Tensor) -> TensorFacts:
    """What is kept of ``tensor``."""
    if tensor.is_nested:  # it has neither
        return TensorFacts(tensor.dtype, torch.Size(()), ())
    strides = tensor.stride() if tensor.layout is torch.strided else ()
    return TensorFacts(tensor.dtype, tensor.shape, strides)


def _light(value: object) -> object:
    if isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
        return facts_of(value)
    return value
