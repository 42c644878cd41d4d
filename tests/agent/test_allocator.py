"""Whether freed memory stays in the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from magneton_agent.allocator import keep_freed_memory

# The second of two equal blocks of 20 MB, of which the first was freed: 5,120 pages.
_PROGRAM = """
import ctypes, resource, sys
from magneton_agent.allocator import keep_freed_memory

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p

def use():
    block = ctypes.c_void_p(libc.malloc(20 << 20))
    libc.memset(block, 1, 20 << 20)
    libc.free(block)

if sys.argv[1] == "kept":
    assert keep_freed_memory({})
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _page_faults(mode: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM, mode], capture_output=True, text=True, check=True
    )
    return int(run.stdout)


def test_a_block_that_was_freed_is_used_again() -> None:
    assert _page_faults("kept") < 100
    assert _page_faults("as it is") > 5000


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD"])
def test_the_users_own_choice_stands(name: str) -> None:
    assert keep_freed_memory({name: "1"}) is False
