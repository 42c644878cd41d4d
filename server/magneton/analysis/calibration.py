"""Fits the coefficients of a device to kernels whose energy was measured.

A kernel's energy is a sum over its features (seconds, operations, bytes), each times one
coefficient of the device. Every kernel counts by its relative error, so that one that takes a
millijoule weighs as much as one that takes ten joules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magneton_agent.schema.device import Coefficient, DeviceModel, Trial

from .device import ACTIVE, BUSY, IDLE, LEVELS
from .least_squares import non_negative

Features = Mapping[str, float]
_PICO = 1e-12
_ORIGIN = "fitted to this device; bounds: the fits that leave one kernel out"


@dataclass(frozen=True)
class Kernel:
    """A calibration kernel: its ``features`` by coefficient, time (s) and energy (J) a call."""

    name: str
    features: Features
    duration_s: float
    energy_j: float


@dataclass(frozen=True)
class _Fit:
    """Coefficients with the bounds and predictions that leaving one kernel out gives."""

    values: dict[str, float]
    bounds: dict[str, tuple[float, float]]
    predicted_j: tuple[float | None, ...]


def fitted(
    names: tuple[str, ...], kernels: Sequence[Kernel], cache_bytes: int, origin: str
) -> DeviceModel:
    """The model of the device ``names`` that fits ``kernels`` best."""
    fit = _fit(kernels)
    trials = tuple(
        Trial(kernel.name, kernel.duration_s, kernel.energy_j, predicted_j)
        for kernel, predicted_j in zip(kernels, fit.predicted_j, strict=True)
    )
    return DeviceModel(
        names=names,
        idle_w=_coefficient(fit, IDLE),
        active_w=_coefficient(fit, ACTIVE) if ACTIVE in fit.values else None,
        busy_w=_coefficient(fit, BUSY) if BUSY in fit.values else None,
        operation_pj={
            name: _coefficient(fit, name, _PICO) for name in sorted(fit.values) if "/" in name
        },
        byte_pj={name: _coefficient(fit, name, _PICO) for name in LEVELS if name in fit.values},
        cache_bytes=cache_bytes,
        error=largest_usual_error(trials),
        origin=origin,
        trials=trials,
    )


def errors(trials: Sequence[Trial]) -> list[float]:
    """The relative error of each trial that could be left out, without its sign, ascending."""
    return sorted(
        abs(trial.predicted_j / trial.energy_j - 1.0)
        for trial in trials
        if trial.predicted_j is not None
    )


def largest_usual_error(trials: Sequence[Trial]) -> float | None:
    """The error that 19 of 20 trials stay within; the largest where there are fewer."""
    found = errors(trials)
    return found[int(0.95 * (len(found) - 1))] if found else None


def _fit(kernels: Sequence[Kernel]) -> _Fit:
    names = sorted({name for kernel in kernels for name in kernel.features})
    whole = _solve(names, kernels)
    bounds = {name: (whole[name], whole[name]) for name in names}
    predicted: list[float | None] = []
    for number, left_out in enumerate(kernels):
        others = [*kernels[:number], *kernels[number + 1 :]]
        if not left_out.features.keys() <= {name for each in others for name in each.features}:
            predicted.append(None)  # nothing else tells what this costs
            continue
        found = _solve(names, others)
        predicted.append(sum(found[name] * x for name, x in left_out.features.items()))
        for name in names:
            low, high = bounds[name]
            bounds[name] = (min(low, found[name]), max(high, found[name]))
    return _Fit(whole, bounds, tuple(predicted))


def _solve(names: Sequence[str], kernels: Sequence[Kernel]) -> dict[str, float]:
    rows = [[each.features.get(name, 0.0) / each.energy_j for name in names] for each in kernels]
    return dict(zip(names, non_negative(rows, [1.0] * len(kernels)), strict=True))


def _coefficient(fit: _Fit, name: str, unit: float = 1.0) -> Coefficient:
    low, high = fit.bounds[name]
    return Coefficient(fit.values[name] / unit, low / unit, high / unit, _ORIGIN)
