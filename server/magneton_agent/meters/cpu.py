"""CPU time of this process and everything below it."""

from __future__ import annotations

import os
import time

_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
# utime, stime, and both of the children that it waited for: fields 14 to 17 of /proc/PID/stat,
# here counted after "(comm)".
_TIMES = slice(11, 15)
_READINGS = 5


def cpu_time_s() -> float:
    """Seconds of CPU time of all threads, of living descendants and of those waited for, also by
    a descendant.

    Living descendants are read from /proc at its 10 ms resolution; elsewhere they are left out.
    """
    living: list[int | None] = []
    for _ in range(_READINGS):
        pids = descendants(os.getpid())
        ended = os.times()
        living = [_ticks(pid) for pid in pids]
        # Parents are read before their children: what ended meanwhile may be in neither.
        if None not in living:
            break
    ticks = sum(each for each in living if each is not None)
    return time.process_time() + ended.children_user + ended.children_system + ticks * _TICK_S


def usable_cpus() -> int:
    """Logical CPUs that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def descendants(pid: int) -> list[int]:
    """Process ids of all living descendants of ``pid``, parents first, as far as /proc tells."""
    found, pending = [], _children_of(pid)
    while pending:
        found.append(pending.pop())
        pending += _children_of(found[-1])
    return found


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    except OSError:
        return found  # ended meanwhile, or no /proc here
    return found


def _ticks(pid: int) -> int | None:
    """CPU time of a process and of the children that it waited for; None where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] == "X":  # waited for, and gone in a moment
        return None
    return sum(map(int, fields[_TIMES]))
