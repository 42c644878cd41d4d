"""What a device takes for its work: the coefficients of a power model, and how they were found.

``magneton.device/1`` is one :class:`DeviceModel` as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DEVICE_SCHEMA = "magneton.device/1"


@dataclass(frozen=True)
class Coefficient:
    """A constant of a model between two bounds, and where it is from."""

    value: float
    low: float
    high: float
    origin: str


@dataclass(frozen=True)
class Trial:
    """One calibration kernel: its time and energy a call, and what the model said of it when it
    had been fitted without it (None where it cannot be fitted without it)."""

    name: str
    duration_s: float
    energy_j: float
    predicted_j: float | None


@dataclass(frozen=True)
class DeviceModel:
    """Energy of work on one kind of device.

    ``idle_w`` is drawn all the time, ``active_w`` on top of it while anything runs.
    ``operation_pj`` is pJ per floating-point operation by unit and precision
    (``matrix/bf16``), ``byte_pj`` pJ per byte by level (``cache``, ``memory``);
    ``cache_bytes`` is the size of the last cache. On a CPU ``busy_w`` is what one busy CPU draws
    on top, and the rest is empty. ``names`` are beginnings of the device's name; ``error`` is the
    relative error that the model is known to have, None where it has not been validated.
    """

    names: tuple[str, ...]
    idle_w: Coefficient
    active_w: Coefficient | None
    busy_w: Coefficient | None
    operation_pj: dict[str, Coefficient]
    byte_pj: dict[str, Coefficient]
    cache_bytes: int
    error: float | None
    origin: str
    trials: tuple[Trial, ...] = field(default=())
    schema: str = DEVICE_SCHEMA
