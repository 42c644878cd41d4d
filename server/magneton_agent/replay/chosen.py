"""Stops at chosen operators of a step, each at the moment it runs, and lets the step go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from ..collectives import finished
from ..operands import facts_of
from ..step_mode import StepMode

NOT_REACHED = "the step did not come to it again"


class ChosenOperators(StepMode):
    """Counts operators as the recording does. What is ``chosen``, by number and name, is given to
    :meth:`look`, or to :meth:`refuse` with the reason why not; every operator runs as usual."""

    def __init__(self, chosen: Mapping[int, str]) -> None:
        super().__init__()
        self._chosen, self._count = chosen, 0

    def look(
        self,
        number: int,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Do with a chosen operator what it was chosen for, and leave its arguments alone."""
        raise NotImplementedError

    def refuse(self, number: int, reason: str) -> None:
        """A chosen operator cannot be looked at."""
        raise NotImplementedError

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Look at ``func`` if it was chosen, and call it. Nothing is looked at while a collective
        is under way: what it reads must stay, and it would share the device."""
        number, name = self._next()
        if name == func._schema.name:
            self.look(number, func, args, kwargs)
        elif name is not None:
            self.refuse(number, "the step ran another operator in its place")
        if facts_of(func).collective:
            return finished(func, args, kwargs)
        return func(*args, **kwargs)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Make ``call``: what it does beside its result is not known."""
        number, chosen = self._next()
        if chosen is not None:
            self.refuse(number, "it is a call that torch does not see")
        return call()

    def _next(self) -> tuple[int, str | None]:
        self._count += 1
        return self._count - 1, self._chosen.get(self._count - 1)
