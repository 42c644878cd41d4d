"""Keeps freed memory in the process, so that chance does not decide who pays for page faults.

glibc gives large blocks back to the system and asks for them again in the next step, or does not,
depending on which sizes happened to be freed while the program loaded and on what lies behind
them. Measured with GPT-2 of width 512: 700 to 6,200 page faults a step from process to process,
31 to 39 ms. With both thresholds raised: fewer than 300.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_… of glibc's malloc.h
_LARGEST_INT = 2**31 - 1
_LARGEST_MMAP = 32 << 20  # bytes: more is refused; also what glibc goes up to by itself
_CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD")


def keep_freed_memory(environment: Mapping[str, str] = os.environ) -> bool:
    """Let malloc keep what is freed, up to 32 MiB a block. Returns whether it will.

    Nothing is changed where ``environment`` shows that the user has chosen, or where the C
    library has no ``mallopt`` (it is not glibc).
    """
    if any(name in environment for name in _CHOSEN):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    kept = mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP) and mallopt(_TRIM_THRESHOLD, _LARGEST_INT)
    return bool(kept)
