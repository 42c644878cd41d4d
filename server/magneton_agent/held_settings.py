"""Holds settings at given values, whatever the program sets: so that one is tried as if
it were in force everywhere, without a change of the program."""

from __future__ import annotations

import functools
import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
_INTEROP = "torch.get_num_interop_threads()"  # torch lets it be set once


def _warn_only(held: bool) -> None:
    enabled = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(enabled, warn_only=held)


def _check_gradients(held: bool) -> None:
    torch.set_anomaly_enabled(torch.is_anomaly_enabled(), held)


def _collect(held: bool) -> None:
    (gc.enable if held else gc.disable)()


def _trace_memory(held: bool) -> None:
    if tracemalloc.is_tracing() != held:
        (tracemalloc.start if held else tracemalloc.stop)()


# What no function sets that takes the value alone.
_SETTERS: dict[str, Callable[[Any], object]] = {
    "torch.is_anomaly_enabled()": torch.set_anomaly_enabled,
    "torch.is_deterministic_algorithms_warn_only_enabled()": _warn_only,
    "torch.is_anomaly_check_nan_enabled()": _check_gradients,
    "torch.sparse.check_sparse_tensor_invariants.is_enabled()": (
        torch._C._set_check_sparse_tensor_invariants
    ),
    "gc.isenabled()": _collect,
    "gc.get_threshold()": lambda held: gc.set_threshold(*held),
    "tracemalloc.is_tracing()": _trace_memory,
}


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
            if name not in (_INFERENCE, _INTEROP)
            and not name.startswith(("torch.is_autocast", "torch.get_auto"))
        ]
        self._interop = value_of(values[_INTEROP]) if _INTEROP in values else None
        self._undo = ExitStack()
        self._holding = self._stepping = False

    def __enter__(self) -> HeldSettings:
        with ExitStack() as stack:
            if self._setters or self._autocast:
                stack.enter_context(after_writes(self._hold))
            try:
                self._hold()
                if self._interop is not None:
                    stack.enter_context(_held_once(self._interop))
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

    def _hold(self, given: tuple[str, ...] = ()) -> None:
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


@contextmanager
def _held_once(threads: int) -> Iterator[None]:
    """Within the context the program's own call, which would be the second, does nothing."""
    torch.set_num_interop_threads(threads)
    write = torch.set_num_interop_threads

    def ignored(nthreads: int) -> None:
        pass

    torch.set_num_interop_threads = ignored
    try:
        yield
    finally:
        torch.set_num_interop_threads = write


def _setter(name: str, value: object) -> Callable[[], object]:
    if name in _SETTERS:
        return functools.partial(_SETTERS[name], value)
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
