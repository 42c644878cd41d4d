"""What ``magneton calibrate`` found, as text."""

from __future__ import annotations

import statistics

from magneton_agent.schema.device import Coefficient, DeviceModel

from .shares import percent
from .table import columns


def render(model: DeviceModel) -> str:
    """The coefficients of ``model`` with their bounds, and how well it foretells its kernels."""
    rows = [["coefficient", "value", "from", "to", "unit"]]
    for name, each, unit in _coefficients(model):
        rows.append([name, *(f"{x:.3g}" for x in (each.value, each.low, each.high)), unit])
    trials = [["kernel", "time (µs)", "measured (mJ)", "foretold (mJ)", "error"]]
    for trial in model.trials:
        foretold = trial.predicted_j
        trials.append(
            [
                trial.name,
                f"{trial.duration_s * 1e6:.1f}",
                f"{trial.energy_j * 1e3:.4g}",
                "" if foretold is None else f"{foretold * 1e3:.4g}",
                "" if foretold is None else f"{100 * (foretold / trial.energy_j - 1):+.0f} %",
            ]
        )
    parts = [
        f"{model.names[0]}: {model.origin}",
        "\n".join(columns(rows)),
        "\n".join(columns(trials)),
        _summary(model),
    ]
    return "\n\n".join(parts) + "\n"


def _coefficients(model: DeviceModel) -> list[tuple[str, Coefficient, str]]:
    found = [("idle", model.idle_w, "W")]
    if model.active_w is not None:
        found.append(("active, on top", model.active_w, "W"))
    if model.busy_w is not None:
        found.append(("a busy CPU, on top", model.busy_w, "W"))
    found += [(name, each, "pJ/operation") for name, each in model.operation_pj.items()]
    found += [(name, each, "pJ/byte") for name, each in model.byte_pj.items()]
    return found


def _summary(model: DeviceModel) -> str:
    errors = [
        abs(each.predicted_j / each.energy_j - 1)
        for each in model.trials
        if each.predicted_j is not None
    ]
    if not errors or model.error is None:
        return "no kernel could be foretold without itself"
    return (
        f"each kernel foretold from the others: median error {percent(statistics.median(errors))}, "
        f"19 of 20 within {percent(model.error, 0)}"
    )
