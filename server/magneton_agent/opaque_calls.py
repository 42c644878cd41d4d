"""Calls that the dispatcher does not see, named by the program.

Imported by the user's program, also where Magneton does not run it: the standard library only.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, Protocol, TypeVar

OPAQUE = "opaque::"  # what the names of such operators begin with
P = ParamSpec("P")
R = TypeVar("R")


class Watcher(Protocol):
    """Sees opaque calls while a step is recorded or timed."""

    def opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Make ``call`` and return its result; the lists hold the arguments named by the user."""


class _Watching:
    """Who watches at the moment; nobody outside of Magneton."""

    watcher: Watcher | None = None


def opaque(
    *, inputs: Sequence[str] = (), outputs: Sequence[str] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make calls of the decorated function one operator of the recording, named after it.

    For kernels that torch does not see: called through ctypes, or given raw pointers. ``inputs``
    and ``outputs`` name the function's parameters whose tensors it reads and writes (a buffer in
    both is changed in place); tensors that it returns are outputs too.

    Raises:
        TypeError: a name is no parameter of the function.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        unknown = [name for name in (*inputs, *outputs) if name not in signature.parameters]
        if unknown:
            raise TypeError(f"{function.__qualname__} has no parameter {', '.join(unknown)}")

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            watcher = _Watching.watcher
            if watcher is None:
                return function(*args, **kwargs)
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            result: R = watcher.opaque(
                function.__name__,
                functools.partial(function, *args, **kwargs),
                [bound.arguments[name] for name in inputs],
                [bound.arguments[name] for name in outputs],
            )
            return result

        return call

    return decorate


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell ``watcher`` of opaque calls."""
    before, _Watching.watcher = _Watching.watcher, watcher
    try:
        yield
    finally:
        _Watching.watcher = before
