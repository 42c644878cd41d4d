"""Energy of CPU work without a sensor: a linear power model.

P = cpus * idle + busy CPUs * (full - idle), the form and the coefficients of the Cloud Carbon
Footprint project (averages over AWS's server processors, 0.74 W idle and 3.5 W full load per
logical CPU, from SPECpower results; github.com/cloud-carbon-footprint, package ``aws``,
``MIN_WATTS_AVG`` and ``MAX_WATTS_AVG``). They are no machine's own: every figure from here is
labelled ``modelled``, and only ratios between two sides on one machine should be relied on. Where
``magneton calibrate`` has fitted the machine's own, those stand in their place.
"""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.messages import Loaded


@dataclass(frozen=True)
class CpuPowerModel:
    """Watts of one logical CPU, idle and at full load."""

    idle_w: float = 0.74
    full_w: float = 3.5

    @property
    def busy_w(self) -> float:
        """What a busy CPU draws beyond an idle one."""
        return self.full_w - self.idle_w

    def idle_j(self, cpus: int, duration_s: float) -> float:
        """Energy that ``cpus`` draw for ``duration_s`` whatever they do."""
        return self.idle_w * cpus * duration_s

    def busy_j(self, cpu_s: float) -> float:
        """Energy of ``cpu_s`` seconds of CPU time beyond idling."""
        return self.busy_w * cpu_s


def cpu_model(loaded: Loaded) -> CpuPowerModel:
    """The model of the machine of ``loaded``: what was fitted to it, else the averages."""
    found = loaded.cpu_power
    if found is None:
        return CpuPowerModel()
    idle_w = found.idle_w / loaded.cpus
    return CpuPowerModel(idle_w, idle_w + found.busy_w)
