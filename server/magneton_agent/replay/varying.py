"""Runs one operator of a step as it is and as another program has it, in turn: other scalar
arguments, another layout or type of what it is given."""

from __future__ import annotations

import functools
import time
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from ..opaque_calls import watching
from ..operands import facts_of, flat_tensors
from ..outputs import error_of
from ..schema.messages import Laid, NotReplayed, Varied, VariedCall, Vary
from ..step import Step, Steps
from ..target import seed_everything
from ..texts import value_of
from .calls import FAILURES, Bench
from .chosen import NOT_REACHED, ChosenOperators
from .copies import Arguments, lacks_memory, private_arguments, replaced
from .generators import untouched
from .queues import Call, calls_in
from .refusals import refusal

_FEWEST_PAIRS, _TIMED_PAIRS = 4, 16
_BATCH_S = 0.002
Moved = dict[tuple[tuple[int, ...], tuple[int, ...]], Laid]
"""By the shapes of an argument as it is and as it is wanted."""


def vary(request: Vary, seed: int, bench: Bench) -> Steps[Varied]:
    """Run one step and measure the operator that ``request`` names. What the step computes is as
    without it."""
    seed_everything(seed)
    mode = VaryMode(request, bench)

    def around(step: Step) -> object:
        with watching(mode), mode:
            return step()

    yield around
    return Varied(mode.outcome)


class VaryMode(ChosenOperators):
    """Measures the operator of ``request``; ``outcome`` is what was found."""

    def __init__(self, request: Vary, bench: Bench) -> None:
        item = request.item
        super().__init__({item.operator: item.name})
        self._request, self._bench = request, bench
        self.outcome: VariedCall | NotReplayed = NotReplayed(item.operator, NOT_REACHED)

    def look(
        self,
        number: int,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        """Measure both calls in turn."""
        reason = refusal(func, args, kwargs)
        if reason is None and lacks_memory(func, args, kwargs):
            reason = "there is not enough free memory for copies of what it is given"
        if reason is not None:
            return self.refuse(number, reason)
        drawn = [each for each in (*args, *kwargs.values()) if isinstance(each, torch.Generator)]
        try:
            with torch.no_grad(), _disable_current_modes(), untouched(drawn):
                self.outcome = self._measured(func, (args, kwargs))
        except FAILURES as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            self.refuse(number, f"it failed when it was varied: {first}")

    def refuse(self, number: int, reason: str) -> None:
        """Keep the reason."""
        self.outcome = NotReplayed(number, reason)

    def _measured(self, func: torch._ops.OpOverload, plain: Arguments) -> VariedCall | NotReplayed:
        item = self._request.item
        other = varied_arguments(func, *plain, self._request)
        # In-place operators are given their arguments anew: they have changed them.
        moved = _moves(self._request, *plain)
        error = _error(_call(func, plain), _call(func, other), moved)
        if self._bench.covers(*plain):
            return self._in_joules(func, (plain, other), error)
        if torch.cuda.is_initialized():
            return NotReplayed(item.operator, "no meter covers what it runs on")
        found = _timed(_call(func, plain), _call(func, other), item.budget_s)
        return VariedCall(tuple(found[0]), tuple(found[1]), False, error)

    def _in_joules(
        self, func: torch._ops.OpOverload, both: tuple[Arguments, Arguments], error: float
    ) -> VariedCall | NotReplayed:
        found: tuple[list[float], list[float]] = ([], [])
        for pair in range(_FEWEST_PAIRS):
            for number in (0, 1) if pair % 2 == 0 else (1, 0):
                outcome = self._bench.measure(self._request.item, func, *both[number])
                if isinstance(outcome, NotReplayed):
                    return outcome
                found[number].append(outcome.energy_j)
        return VariedCall(tuple(found[0]), tuple(found[1]), True, error)


def varied_arguments(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], request: Vary
) -> Arguments:
    """``args`` and ``kwargs`` as ``request`` wants them.

    Raises:
        ValueError: they cannot be so.
    """
    tensors = flat_tensors((*args, *kwargs.values()))
    laid = {
        id(tensor): _laid_out(tensor, wanted)
        for tensor, wanted in zip(tensors, request.inputs, strict=True)
        if wanted is not None
    }
    own = [replaced(each, laid) for each in args]
    named = {name: replaced(each, laid) for name, each in kwargs.items()}
    names = [name for name, _ in facts_of(func).arguments]
    for name, text in request.arguments.items():
        position = names.index(name)
        if position < len(own):
            own[position] = value_of(text)
        else:
            named[name] = value_of(text)
    return tuple(own), named


def _moves(request: Vary, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Moved:
    tensors = flat_tensors((*args, *kwargs.values()))
    pairs = zip(tensors, request.inputs, strict=True)
    return {(tuple(tensor.shape), each.shape): each for tensor, each in pairs if each is not None}


def _laid_out(tensor: torch.Tensor, wanted: Laid) -> torch.Tensor:
    dtype = value_of(wanted.dtype)
    laid = torch.empty_strided(wanted.shape, wanted.strides, dtype=dtype, device=tensor.device)
    return laid.copy_(_reshaped(tensor.detach(), wanted))


def _reshaped(tensor: torch.Tensor, wanted: Laid) -> torch.Tensor:
    """The elements of ``tensor`` in the shape that is wanted."""
    if wanted.order:
        return tensor.permute(wanted.order).reshape(wanted.shape)
    if tuple(tensor.shape) != wanted.shape:
        raise ValueError("the other program gives it a tensor of another shape")
    return tensor


def _error(call: Call, other: Call, moved: Moved) -> float:
    """How far the results of both calls are apart, from equal states of the generators."""
    found = []
    for each in (call, other):
        with untouched(()):
            found.append(flat_tensors((each(),)))
    pairs = [(_moved(a, b, moved), b) for a, b in zip(*found, strict=True)]
    return max((error_of(a.cpu(), b.cpu()).largest for a, b in pairs if a.numel()), default=0.0)


def _moved(a: torch.Tensor, b: torch.Tensor, moved: Moved) -> torch.Tensor:
    """``a`` in the shape of ``b``: as an argument of its shape was moved to that."""
    if a.shape == b.shape:
        return a
    wanted = moved.get((tuple(a.shape), tuple(b.shape)))
    if wanted is None:
        raise ValueError("its result would have another shape")
    return _reshaped(a, wanted)


def _call(func: torch._ops.OpOverload, arguments: Arguments) -> Call:
    """A call on private copies of what it writes."""
    args, kwargs = private_arguments(func, *arguments)
    return functools.partial(func, *args, **kwargs)


def _timed(plain: Call, other: Call, budget_s: float) -> tuple[list[float], list[float]]:
    """Seconds of one call each, in batches taken in turn."""
    calls = (plain, other)
    for each in calls:
        each()  # the first one warms up
    once_s = max(_batch_s(each, 1) for each in calls)
    batch = calls_in(_BATCH_S, once_s)
    affordable = int(budget_s / (2 * batch * once_s))
    found: tuple[list[float], list[float]] = ([], [])
    for pair in range(max(_FEWEST_PAIRS, min(_TIMED_PAIRS, affordable))):
        for number in (0, 1) if pair % 2 == 0 else (1, 0):
            found[number].append(_batch_s(calls[number], batch) / batch)
    return found


def _batch_s(call: Call, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start
