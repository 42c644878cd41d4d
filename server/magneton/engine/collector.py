"""Python's cyclic garbage collector, kept out of work that makes much and leaves no garbage."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Hundreds of thousands of objects, none of them garbage: looking for it takes longer than
    building them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.unfreeze()  # to the oldest generation: the next collection need not walk them all
            gc.enable()
