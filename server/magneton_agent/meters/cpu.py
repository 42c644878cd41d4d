"""CPU time of this process and everything below it."""

from __future__ import annotations

import os
import time

_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_STATE_FIELDS = 11  # utime is the 14th field of /proc/PID/stat, the 12th after "(comm)"


def cpu_time_s() -> float:
    """Seconds of CPU time of all threads, of living descendants and of those waited for.

    Living descendants are read from /proc at its 10 ms resolution; elsewhere they are left out.
    """
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system + _living()


def usable_cpus() -> int:
    """Logical CPUs that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def descendants(pid: int) -> list[int]:
    """Process ids of all living descendants of ``pid``, as far as /proc tells."""
    found, pending = [], _children_of(pid)
    while pending:
        found.append(pending.pop())
        pending += _children_of(found[-1])
    return found


def _living() -> float:
    return sum(_ticks(pid) * _TICK_S for pid in descendants(os.getpid()))


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        return found  # ended meanwhile, or no /proc here
    return found


def _ticks(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[_STATE_FIELDS]) + int(fields[_STATE_FIELDS + 1])
