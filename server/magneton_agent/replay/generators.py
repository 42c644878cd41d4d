"""Keeps random number generators as they are while operators run that may draw from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import torch


@contextmanager
def untouched(generators: Iterable[torch.Generator]) -> Iterator[None]:
    """The default generators of every device and ``generators`` are afterwards as before, also
    where a CUDA graph was being captured and failed."""
    own = {id(each): each for each in (*_defaults(), *generators)}
    with ExitStack() as stack:
        for generator in own.values():
            kept = _kept_on_cuda if generator.device.type == "cuda" else _kept
            stack.enter_context(kept(generator))
        yield


def _defaults() -> list[torch.Generator]:
    on_cuda = torch.cuda.default_generators if torch.cuda.is_initialized() else ()
    return [torch.default_generator, *on_cuda]


@contextmanager
def _kept(generator: torch.Generator) -> Iterator[None]:
    state = generator.get_state()
    try:
        yield
    finally:
        generator.set_state(state)


@contextmanager
def _kept_on_cuda(generator: torch.Generator) -> Iterator[None]:
    """A copy takes the generator's place: a graph registers what it draws from, and one whose
    capture failed leaves that unusable."""
    own = generator.graphsafe_get_state()
    generator.graphsafe_set_state(generator.clone_state())
    try:
        yield
    finally:
        generator.graphsafe_set_state(own)
