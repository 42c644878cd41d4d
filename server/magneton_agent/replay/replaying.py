"""Replays chosen operators of one step, each at the moment it runs, on what it is given there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from ..opaque_calls import watching
from ..schema.messages import CallEnergy, NotReplayed, Replay, Replayed, ReplayItem
from ..step import Step, Steps
from ..target import seed_everything
from .calls import Bench
from .chosen import NOT_REACHED, ChosenOperators


def replay(request: Replay, seed: int, bench: Bench) -> Steps[Replayed]:
    """Run one step and measure the operators that ``request`` names. What the step computes, and
    every generator, is as without it."""
    seed_everything(seed)
    bench.take_states()  # those of something else
    mode = ReplayMode(request.operators, bench)

    def around(step: Step) -> object:
        with watching(mode), mode:
            return step()

    yield around
    return Replayed(mode.outcomes(), bench.take_states())


class ReplayMode(ChosenOperators):
    """Measures the chosen operators beside the meters of ``bench``."""

    def __init__(self, items: Iterable[ReplayItem], bench: Bench) -> None:
        self._items = {item.operator: item for item in items}
        super().__init__({number: item.name for number, item in self._items.items()})
        self._bench = bench
        self._found: dict[int, CallEnergy | NotReplayed] = {}

    def outcomes(self) -> tuple[CallEnergy | NotReplayed, ...]:
        """One outcome for every operator that was asked for."""
        return tuple(
            self._found.get(number) or NotReplayed(number, NOT_REACHED) for number in self._items
        )

    def look(
        self,
        number: int,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Measure the call."""
        self._found[number] = self._bench.measure(self._items[number], func, args, kwargs)

    def refuse(self, number: int, reason: str) -> None:
        """Keep the reason."""
        self._found[number] = NotReplayed(number, reason)
