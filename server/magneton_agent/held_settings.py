"""Holds settings of torch at given values, whatever the program sets: so that one is tried as if
it were in force everywhere, without a change of the program."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import torch

from .schema.setters import SETTERS
from .setting_writes import after_writes
from .step import Step
from .texts import value_of

_AUTOCAST_DEVICES = ("cpu", "cuda")
_VARIABLE = "os.environ["
_INFERENCE = "torch.is_inference_mode_enabled()"


class HeldSettings:
    """``values`` are by the names and in the text of a recording's settings; to be entered before
    the program is loaded, and left when it has ended.

    Raises (also on entering):
        ValueError: torch cannot be told one of them.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._autocast = {
            device: _autocast_of(device, values)
            for device in _AUTOCAST_DEVICES
            if _enabled_name(device) in values
        }
        self._inference = value_of(values[_INFERENCE]) if _INFERENCE in values else None
        self._setters = [
            _setter(name, value_of(text))
            for name, text in values.items()
            if name != _INFERENCE and not name.startswith(("torch.is_autocast", "torch.get_auto"))
        ]
        self._undo = ExitStack()
        self._holding = self._stepping = False

    def __enter__(self) -> HeldSettings:
        with ExitStack() as stack:
            if self._setters or self._autocast:
                stack.enter_context(after_writes(self._hold))
            try:
                self._hold()
            except (RuntimeError, TypeError) as error:
                raise ValueError(str(error)) from error
            self._undo = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def within(self, step: Step) -> Step:
        """``step`` under what only holds for a stretch of code: autocast, inference mode."""
        if self._inference is None and not self._autocast:
            return step

        def run() -> object:
            with ExitStack() as stack:
                for device, (enabled, dtype) in self._autocast.items():
                    stack.enter_context(torch.autocast(device, dtype, enabled))
                if self._inference is not None:
                    stack.enter_context(torch.inference_mode(bool(self._inference)))
                self._stepping = True
                try:
                    return step()
                finally:
                    self._stepping = False

        return run

    def _hold(self) -> None:
        if self._holding:
            return
        self._holding = True
        try:
            for setter in self._setters:
                setter()
            for device, (enabled, dtype) in self._autocast.items() if self._stepping else ():
                torch.set_autocast_enabled(device, enabled)
                torch.set_autocast_dtype(device, dtype)
        finally:
            self._holding = False


def _setter(name: str, value: object) -> Callable[[], object]:
    public = SETTERS.get(name)
    if public is not None:
        return functools.partial(_found(public), value)
    if name.startswith(_VARIABLE):
        variable = value_of(name.removeprefix(_VARIABLE).removesuffix("]"))
        return functools.partial(os.environ.__setitem__, variable, str(value))
    if name.endswith(")") or not name.startswith("torch."):
        raise ValueError(f"{name} cannot be set")
    owner, _, attribute = name.rpartition(".")
    return functools.partial(setattr, _found(owner), attribute, value)


def _found(path: str) -> Any:
    try:
        return functools.reduce(getattr, path.split(".")[1:], torch)
    except AttributeError as error:
        raise ValueError(f"{path} cannot be set") from error


def _autocast_of(device: str, values: dict[str, str]) -> tuple[bool, torch.dtype]:
    dtype = values.get(f"torch.get_autocast_dtype({device!r})", str(torch.bfloat16))
    return bool(value_of(values[_enabled_name(device)])), value_of(dtype)


def _enabled_name(device: str) -> str:
    return f"torch.is_autocast_enabled({device!r})"
