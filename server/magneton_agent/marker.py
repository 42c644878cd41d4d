"""A load of known shape, by which an external meter's log is aligned with this clock."""

from __future__ import annotations

import time

import torch

from .schema.messages import Mark, Marked, Slot

_SIZE = {True: 4096, False: 512}  # of the products: some milliseconds on either device


def mark(request: Mark, cuda: bool) -> Marked:
    """Load the device fully, or leave it alone, slot by slot, as ``request.pattern`` says."""
    with torch.no_grad():
        a = torch.randn(_SIZE[cuda], _SIZE[cuda], device="cuda" if cuda else "cpu")
        result = torch.mm(a, a)
        slots = []
        for on in request.pattern:
            started_s = time.monotonic()
            end_s = started_s + request.slot_s
            while on and time.monotonic() < end_s:
                torch.mm(a, a, out=result)
                if cuda:
                    torch.cuda.synchronize()
            time.sleep(max(0.0, end_s - time.monotonic()))
            slots.append(Slot(on, started_s, time.monotonic()))
    return Marked(tuple(slots))
