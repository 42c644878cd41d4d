"""What else keeps the CPUs of this machine busy while a program is measured on it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_STAT = Path("/proc/stat")  # Linux: man 5 proc
_BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq
_WITHHELD = 7
_SHARE, _FEWEST_CPUS = 0.1, 0.25
_SHORTEST_S = 1.0  # the system counts in hundredths of a second, on every CPU


@dataclass(frozen=True)
class CpuTimes:
    """Since the machine started, on all of its CPUs: ``busy_s`` of all programs, and ``withheld_s``
    in which the host of a virtual machine ran others."""

    busy_s: float
    withheld_s: float


def cpu_times(stat: Path = _STAT) -> CpuTimes | None:
    """Read them; None where the system does not tell."""
    try:
        first = stat.read_text(encoding="ascii").split("\n", 1)[0].split()
        ticks = [int(each) for each in first[1:]]
        tick_s = 1 / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return None
    if len(ticks) <= _WITHHELD:
        return None
    return CpuTimes(sum(ticks[i] for i in _BUSY) * tick_s, ticks[_WITHHELD] * tick_s)


@dataclass
class Beside:
    """What else ran, summed over the windows of one side, s."""

    wall_s: float = 0.0
    others_s: float = 0.0
    withheld_s: float = 0.0

    def add(
        self, before: CpuTimes | None, after: CpuTimes | None, wall_s: float, own_s: float
    ) -> None:
        """Count a window of ``wall_s``, in which the program itself took ``own_s`` of CPU time."""
        if before is not None and after is not None:
            self.wall_s += wall_s
            self.others_s += after.busy_s - before.busy_s - own_s
            self.withheld_s += after.withheld_s - before.withheld_s

    def warnings(self, cpus: int | None = os.cpu_count()) -> list[str]:
        """What of it may have disturbed the figures."""
        cpus = cpus or 1
        if self.wall_s < _SHORTEST_S:
            return []
        others, withheld = self.others_s / self.wall_s, self.withheld_s / self.wall_s
        enough = max(_FEWEST_CPUS, _SHARE * cpus)
        told = {
            f"other programs kept {others:.1f} of {cpus} CPUs busy meanwhile": others,
            f"the host of this virtual machine withheld {withheld:.1f} of {cpus} CPUs": withheld,
        }
        return [
            f"{text}, which holds this program up: where something is unresolved, run it again "
            "when the machine is quieter"
            for text, count in told.items()
            if count >= enough
        ]
