"""What a device's coefficients say of a side: its whole cost where no sensor was read, and how what
is left to apportion is shared where one was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from magneton_agent.schema.device import Coefficient, DeviceModel
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.quantity import Absent, Quantity
from magneton_agent.schema.recording import Recording

from .cost import Modelled, SideCost, residual
from .device import operator_energies_j
from .replayed import device_s

_NO_HOST = Absent("the device's coefficients do not cover the host")


def by_model(cost: SideCost, recording: Recording, model: DeviceModel) -> SideCost:
    """``cost`` of a side on a GPU whose energy nobody reads, by the coefficients of ``model``.

    Every figure is as uncertain as the model was found to be; one that has not been validated, as
    its coefficients' bounds let it be.
    """
    busy_s = device_s(recording, cost.duration_s)
    energies_j = operator_energies_j(model, recording, busy_s)
    power_w = tuple(
        energy_j / time_s if time_s else 0.0
        for energy_j, time_s in zip(energies_j, cost.duration_s, strict=True)
    )
    idle_j = _idle_j(model, max(0.0, cost.step_s.value - sum(busy_s)))
    facts = Modelled(model.origin, _error(model, recording, busy_s))
    shaped = replace(cost, power_w=power_w, idle_j=idle_j, host_j=_NO_HOST, modelled=facts)
    operators_j = shaped.energy_of(range(len(power_w)))
    low_j, high_j = operators_j.low + idle_j.low, operators_j.high + idle_j.high
    energy_j = Quantity(operators_j.value + idle_j.value, low_j, high_j, "modelled")
    return replace(
        shaped,
        energy_j=energy_j,
        operators_j=operators_j,
        residual_j=residual(energy_j, operators_j, idle_j, _NO_HOST),
    )


def windows_j(cost: SideCost, samples: Sequence[Sample]) -> list[float]:
    """The step's energy in every window, in order, J: it changes with the step's time only."""
    power_w = cost.energy_j.value / cost.step_s.value
    return [power_w * sample.duration_s for sample in samples]


def shares(model: DeviceModel, recording: Recording, busy_s: Sequence[float]) -> tuple[float, ...]:
    """What each operator draws by ``model`` while its kernels run, over what all of them draw on
    average: 1 is the step's mean power."""
    energies_j = operator_energies_j(model, recording, busy_s)
    mean_w = sum(energies_j) / (sum(busy_s) or 1.0)
    return tuple(
        energy_j / time_s / mean_w if time_s and mean_w else 1.0
        for energy_j, time_s in zip(energies_j, busy_s, strict=True)
    )


def _error(model: DeviceModel, recording: Recording, busy_s: Sequence[float]) -> float:
    """Relative, at most 1."""
    if model.error is not None:
        return min(1.0, model.error)
    value, low, high = (
        sum(operator_energies_j(each, recording, busy_s))
        for each in (model, _at(model, lambda c: c.low), _at(model, lambda c: c.high))
    )
    return min(1.0, max(high / value - 1, 1 - low / value)) if value else 1.0


def _at(model: DeviceModel, bound: Callable[[Coefficient], float]) -> DeviceModel:
    """``model`` with all coefficients at one of their bounds."""

    def moved(each: Coefficient) -> Coefficient:
        return replace(each, value=bound(each))

    return replace(
        model,
        idle_w=moved(model.idle_w),
        active_w=None if model.active_w is None else moved(model.active_w),
        operation_pj={name: moved(each) for name, each in model.operation_pj.items()},
        byte_pj={name: moved(each) for name, each in model.byte_pj.items()},
    )


def _idle_j(model: DeviceModel, idle_s: float) -> Quantity:
    idle = model.idle_w
    return Quantity(idle.value, idle.low, idle.high, "modelled").scaled(idle_s)
