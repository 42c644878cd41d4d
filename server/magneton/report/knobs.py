"""What one program would take under other settings, in rows and sentences."""

from __future__ import annotations

from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import Outputs
from magneton_agent.schema.what_if import KnobRow, WhatIf

from . import figures

LEGEND = (
    "front: nothing that was tried is better in energy, time or outputs and no worse in the "
    "others. trade-off: it saves, but changes an output by more than 1 %, takes longer, or has no "
    "outputs to compare. "
    "saves is told from runs in turn with the program as it is; energies and times "
    "of two rows are not, and may rank otherwise."
)
_HEADING = ("knob", "saves", "energy", "time", "outputs", "worth", "front")


def knob_table(result: WhatIf) -> list[list[str]]:
    """A heading, the program as it is, and what was tried, what saves most first."""
    side = result.side
    heading = [_sourced(each, side.energy_j) if each == "energy" else each for each in _HEADING]
    as_it_is = [
        "as it is",
        "",
        figures.interval(side.energy_j, "J"),
        figures.interval(side.duration_s, "s"),
        "",
        "",
        _yes(result.front),
    ]
    rows = [_cells(row) for row in result.knobs if row.reason is None]
    return [heading, as_it_is, *rows]


def advice_texts(result: WhatIf) -> list[str]:
    """For what is worth it, what to write."""
    return [
        f"{row.name}: {row.advice}" + _price(row)
        for row in result.knobs
        if row.class_ in ("saving", "trade-off")
    ]


def untried_texts(result: WhatIf) -> list[str]:
    """What could not be tried, and why."""
    return [f"{row.name} was not tried: {row.reason}" for row in result.knobs if row.reason]


def best_text(result: WhatIf) -> str:
    """The knob that surely saves most, in a few words."""
    best = next((row for row in result.knobs if row.class_ == "saving"), None)
    if best is None or not isinstance(best.saving_ratio, Quantity):
        return "no knob saves"
    return f"{figures.value(best.saving_ratio, '%')} less with {best.name}"


def _cells(row: KnobRow) -> list[str]:
    return [
        row.name,
        figures.interval(row.saving_ratio, "%"),
        figures.interval(row.energy_j, "J"),
        figures.interval(row.duration_s, "s"),
        outputs_text(row.outputs),
        row.class_,
        _yes(row.front),
    ]


def _sourced(name: str, figure: Figure) -> str:
    return f"{name}, {figure.source}" if isinstance(figure, Quantity) else name


def outputs_text(outputs: Outputs | None) -> str:
    """How far a knob's outputs are from the program's own, in a few words."""
    if outputs is None or outputs.equal is None:
        return "not compared"
    error = outputs.max_relative_error
    if error is None:
        return "equal" if outputs.equal else "differ"
    if error == 0:
        return "identical"
    return f"within {error:.1g}" if outputs.equal else f"off by {error:.2g}"


def _price(row: KnobRow) -> str:
    if row.outputs is not None and row.outputs.equal is False:
        return f" ({row.outputs.first_difference})"
    if row.class_ == "trade-off" and outputs_text(row.outputs) == "not compared":
        return " (its outputs were not compared)"
    return ""


def _yes(value: bool) -> str:
    return "yes" if value else ""
