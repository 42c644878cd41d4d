"""``python -m tests.engine.meter_logger PARENT FILE [UNTIL]``: a meter that never was.

Writes watts = 10 + 15 * (CPUs that the children of PARENT keep busy), 20 times a second, on a clock
37.5 s ahead, while there is no file UNTIL.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

IDLE_W, CPU_W = 10.0, 15.0
PERIOD_S, AHEAD_S = 0.05, 37.5


def cpu_s(process: int) -> float:
    """CPU time of all living threads of ``process`` and of what it started, s."""
    total = 0.0
    with contextlib.suppress(OSError):  # it ends meanwhile
        for task in Path(f"/proc/{process}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) * 1e-9
            total += sum(map(cpu_s, map(int, (task / "children").read_text().split())))
    return total


def children(parent: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{parent}/task").iterdir():
        with contextlib.suppress(OSError):
            found |= set(map(int, (task / "children").read_text().split()))
    return found - {os.getpid()}


def main() -> None:
    parent, file = int(sys.argv[1]), Path(sys.argv[2])
    before: dict[int, float] = {}
    last_s = time.monotonic()
    with file.open("w", buffering=1) as out:
        out.write("timestamp,volts,watts\n")
        while os.getppid() == parent and not (sys.argv[3:] and Path(sys.argv[3]).exists()):
            time.sleep(PERIOD_S)
            now_s = time.monotonic()
            used = {child: cpu_s(child) for child in children(parent)}
            spent = sum(max(0.0, used[each] - before.get(each, used[each])) for each in used)
            watts = IDLE_W + CPU_W * spent / (now_s - last_s)
            out.write(f"{now_s + AHEAD_S:.6f},230,{watts:.4f}\n")
            before, last_s = used, now_s


if __name__ == "__main__":
    main()
