"""A load of our own, by which a meter's lag is found."""

from __future__ import annotations

import time

import torch

_ELEMENTS = 1 << 24  # 64 MiB: moves through memory, which draws most of a board's power
_CALLS = 50


def keep_busy(device: int, duration_s: float) -> None:
    """Keep GPU ``device`` busy for ``duration_s``, with memory of a pool of its own.

    Draws no random numbers. A board without room for it stays idle.
    """
    pool = torch.cuda.MemPool()
    with torch.cuda.device(device), torch.cuda.use_mem_pool(pool), torch.no_grad():
        try:
            block = torch.ones(_ELEMENTS, dtype=torch.float32, device=device)
        except torch.OutOfMemoryError:
            return
        started_s = time.perf_counter()
        while time.perf_counter() - started_s < duration_s:
            for _ in range(_CALLS):
                block.mul_(1.0)
            torch.cuda.synchronize(device)
