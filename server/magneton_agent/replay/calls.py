"""Measures one operator's call: on private copies, without a pause, beside a meter."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from ..meters.meter import Absence, Meter, Reading
from ..operands import flat_tensors
from ..schema.messages import CallEnergy, NotReplayed, ReplayItem
from ..schema.meters import BoardState, Domain
from .copies import lacks_memory, private_arguments
from .estimate import Estimate, Estimator
from .generators import untouched
from .queues import HostQueue, Queue, device_queue
from .refusals import captures, refusal

_LOOK_S = 0.01  # between two looks at the meter: they take time from launching
FAILURES = (RuntimeError, ValueError, TypeError, IndexError)  # what torch's operators raise


@dataclass
class Bench:
    """Where calls are measured: beside ``meters``, on one stream of its own."""

    meters: Sequence[Meter]
    _streams: dict[int, torch.cuda.Stream] = field(default_factory=dict)
    _states: list[BoardState] = field(default_factory=list)

    def take_states(self) -> tuple[BoardState, ...]:
        """How boards were while calls were measured since this was asked last."""
        taken = tuple(self._states)
        self._states.clear()
        return taken

    def covers(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a meter tells what a call with these arguments takes.

        Raises:
            ValueError: it works on several devices.
        """
        device = _device_of(args, kwargs)
        if device is None and torch.cuda.is_initialized():
            return False
        return _covering(self.meters, device) is not None

    def measure(
        self,
        item: ReplayItem,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> CallEnergy | NotReplayed:
        """The energy of the call, or why there is none. The arguments, and every generator, are
        left as they are."""
        reason = refusal(func, args, kwargs)
        if reason is None and lacks_memory(func, args, kwargs):
            reason = "there is not enough free memory for copies of what it writes"
        if reason is not None:
            return NotReplayed(item.operator, reason)
        generators = [each for each in (*args, *kwargs.values()) if _is_generator(each)]
        try:
            with torch.no_grad(), _disable_current_modes(), untouched(generators):
                return self._measured(item, func, args, kwargs)
        except FAILURES as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            return NotReplayed(item.operator, f"it failed when it was run again: {first}")

    def _measured(
        self,
        item: ReplayItem,
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> CallEnergy | NotReplayed:
        device = _device_of(args, kwargs)
        if device is None and torch.cuda.is_initialized():
            return NotReplayed(item.operator, "it works on the host, which is not measured")
        chosen = _covering(self.meters, device)
        if chosen is None:
            return NotReplayed(item.operator, "no meter covers the device that it runs on")
        own_args, own_kwargs = private_arguments(func, args, kwargs)
        call = functools.partial(func, *own_args, **own_kwargs)
        with self._queue(call, func, own_args, own_kwargs, device) as queue:
            found = _followed(queue, *chosen, item.budget_s, self._states)
        if found is None:
            return NotReplayed(item.operator, f"{item.budget_s:g} s were too short to read it")
        if isinstance(found, Absence):
            return NotReplayed(item.operator, found.reason)
        calls = queue.progress.calls
        return CallEnergy(
            item.operator, found.energy_j, found.error, found.duration_s, calls, queue.captured
        )

    @contextlib.contextmanager
    def _queue(
        self,
        call: functools.partial[Any],
        func: torch._ops.OpOverload,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        device: torch.device | None,
    ) -> Iterator[Queue]:
        if device is None:
            yield HostQueue(call)
            return
        with torch.cuda.device(device):
            index = torch.cuda.current_device()
            if index not in self._streams:
                self._streams[index] = torch.cuda.Stream()
            stream = self._streams[index]
            torch.cuda.synchronize()
            with torch.cuda.stream(stream):
                capture = captures(func, args, kwargs, call())
            with device_queue(call, stream, capture) as queue:
                yield queue


def _followed(
    queue: Queue,
    meter: Meter,
    domains: tuple[Domain, ...],
    budget_s: float,
    states: list[BoardState],
) -> Estimate | Absence | None:
    """Calls until their energy is known well enough, the meter is lost, or for ``budget_s``; how
    boards were meanwhile goes to ``states``."""
    estimator = Estimator(domains, meter.period_s, queue.progress.duration_s)
    best: Estimate | None = None
    with meter.window() as window:
        looked_s = time.monotonic()
        end_s = looked_s + budget_s
        while (now_s := time.monotonic()) < end_s:
            queue.turn()
            if now_s - looked_s < _LOOK_S:
                continue
            looked_s, reading = now_s, window.reading()
            if isinstance(reading, Absence) and reading.lost:
                return reading
            found = estimator.see(reading if isinstance(reading, Reading) else None, now_s)
            best = found or best
            if best is not None and best.steady:
                break
    whole = window.reading()
    states += whole.boards if isinstance(whole, Reading) else ()
    return best


def _covering(
    meters: Sequence[Meter], device: torch.device | None
) -> tuple[Meter, tuple[Domain, ...]] | None:
    """The meter that covers ``device`` (None is the host), and its domains that do."""
    for meter in meters:
        if device is None:
            found = tuple(each for each in meter.covers if each.kind != "board")
        else:
            name = f"GPU-{torch.cuda.get_device_properties(device).uuid}"
            found = tuple(each for each in meter.covers if each.name == name)
        if found:
            return meter, found
    return None


def _device_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.device | None:
    """The GPU that a call works on, None for the host.

    Raises:
        ValueError: it works on several.
    """
    named = [each for each in (*args, *kwargs.values()) if isinstance(each, torch.device)]
    tensors = flat_tensors((*args, *kwargs.values()))
    devices = {each for each in (*named, *(each.device for each in tensors)) if each.type == "cuda"}
    if len(devices) > 1:
        raise ValueError("it works on several boards at once")
    return next(iter(devices), None)


def _is_generator(value: object) -> bool:
    return isinstance(value, torch.Generator)
