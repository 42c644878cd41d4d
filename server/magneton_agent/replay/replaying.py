"""Replays chosen operators of one step, each at the moment it runs, on what it is given there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from ..collectives import finished
from ..opaque_calls import watching
from ..schema.collectives import is_collective
from ..schema.messages import CallEnergy, NotReplayed, Replay, Replayed, ReplayItem
from ..step import Step, Steps
from ..step_mode import StepMode
from ..target import seed_everything
from .calls import Bench


def replay(request: Replay, seed: int, bench: Bench) -> Steps[Replayed]:
    """Run one step and measure the operators that ``request`` names. What the step computes, and
    every generator, is as without it."""
    seed_everything(seed)
    mode = ReplayMode(request.operators, bench)

    def around(step: Step) -> object:
        with watching(mode), mode:
            return step()

    yield around
    return Replayed(mode.outcomes())


class ReplayMode(StepMode):
    """Counts operators as the recording does; the chosen ones are measured, then run as usual."""

    def __init__(self, items: Iterable[ReplayItem], bench: Bench) -> None:
        super().__init__()
        self._items = {item.operator: item for item in items}
        self._bench, self._count = bench, 0
        self._found: dict[int, CallEnergy | NotReplayed] = {}

    def outcomes(self) -> tuple[CallEnergy | NotReplayed, ...]:
        """One outcome for every operator that was asked for."""
        missing = "the step did not come to it again"
        return tuple(
            self._found.get(number) or NotReplayed(number, missing) for number in self._items
        )

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Measure ``func`` if it was asked for, and call it. Nothing is measured while a collective
        is under way: what it reads must stay, and it would share the device."""
        if (item := self._next()) is not None:
            self._found[item.operator] = self._outcome(item, func, args, kwargs)
        if is_collective(func._schema.name):
            return finished(func, args, kwargs)
        return func(*args, **kwargs)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        """Make ``call``: what it does beside its result is not known."""
        if (item := self._next()) is not None:
            reason = "it is a call that torch does not see"
            self._found[item.operator] = NotReplayed(item.operator, reason)
        return call()

    def _next(self) -> ReplayItem | None:
        self._count += 1
        return self._items.get(self._count - 1)

    def _outcome(
        self,
        item: ReplayItem,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> CallEnergy | NotReplayed:
        if func._schema.name != item.name:
            return NotReplayed(item.operator, "the step ran another operator in its place")
        return self._bench.measure(item, func, args, kwargs)
