"""Energy of recorded operators by a device's coefficients.

E = (idle + active power) * time + operations * energy per operation + bytes * energy per byte, the
bytes by the level of memory that they come from. Time is measured; the rest is counted from
shapes, types and strides.
"""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.device import Coefficient, DeviceModel
from magneton_agent.schema.recording import Recording

from .work.amount import Work, work_of
from .work.levels import Bytes, levels

IDLE, ACTIVE, BUSY = "idle", "active", "busy"
CACHE, MEMORY = "cache", "memory"
LEVELS = (CACHE, MEMORY)
_PICO = 1e-12


def features_of(work: Work, moved: Bytes, duration_s: float) -> dict[str, float]:
    """What an operator is charged for, by coefficient."""
    found = {IDLE: duration_s, ACTIVE: duration_s, CACHE: moved.cache, MEMORY: moved.memory}
    if work.operations:
        found[charged_as(work.rate)] = work.operations
    return {name: amount for name, amount in found.items() if amount}


def charged_as(rate: str) -> str:
    """The coefficient of operations at ``rate``: what is not a matrix product runs on the units
    that also do plain products of single or double precision."""
    unit, _, precision = rate.partition("/")
    if unit == "matrix":
        return rate
    return "matrix/fp64" if precision == "fp64" else "matrix/fp32"


def operator_energies_j(
    model: DeviceModel, recording: Recording, duration_s: Sequence[float]
) -> tuple[float, ...]:
    """The energy of each operator of a step that takes ``duration_s`` (s, an operator), J."""
    work = [work_of(recording, operator) for operator in recording.operators]
    return tuple(
        energy_j(model, features_of(each, moved, time_s))
        for each, moved, time_s in zip(
            work, levels(work, model.cache_bytes), duration_s, strict=True
        )
    )


def uncounted(recording: Recording) -> tuple[str, ...]:
    """Names of the operators of which only bytes are known, each once."""
    return tuple(
        sorted({each.name for each in recording.operators if not work_of(recording, each).counted})
    )


def energy_j(model: DeviceModel, features: dict[str, float]) -> float:
    """The energy of ``features``, J."""
    return sum(_per_unit_j(model, name) * amount for name, amount in features.items())


def _per_unit_j(model: DeviceModel, name: str) -> float:
    if name == IDLE:
        return model.idle_w.value
    if name == ACTIVE:
        return model.active_w.value if model.active_w is not None else 0.0
    if name in LEVELS:
        found = model.byte_pj.get(name)
    else:
        found = model.operation_pj.get(name) or _cheapest(model)
    return found.value * _PICO if found is not None else 0.0


def _cheapest(model: DeviceModel) -> Coefficient | None:
    """What stands for a precision that the model does not have: those are 8-bit ones."""
    return min(model.operation_pj.values(), key=lambda each: each.value, default=None)
