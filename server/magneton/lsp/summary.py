"""A result in one line, for lenses and the end of a run."""

from __future__ import annotations

from magneton.engine.store import Result
from magneton.report import figures
from magneton.report.knobs import best_text
from magneton.report.text_summary import each_of, units
from magneton_agent.schema.judging import Per
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import Comparison, Side
from magneton_agent.schema.what_if import WhatIf


def summary(result: Result) -> str:
    """``a 2.00 J (1.98 to 2.02) · b 1.50 J (1.49 to 1.51), 25.0 % less · performance · modelled``.

    Energies are of one step.
    """
    if isinstance(result, Measurement):
        energy, duration = result.side.energy_j, result.side.duration_s
        parts = [
            f"{figures.interval(energy, 'J')} a step",
            *([best_text(result)] if isinstance(result, WhatIf) else []),
            *_each(result.side, result.per),
            *_phases(result.side),
            figures.interval(duration, "s"),
            *_sources(energy),
        ]
    else:
        parts = _comparison(result)
    return " · ".join(parts)


def _comparison(comparison: Comparison) -> list[str]:
    sides, per = comparison.sides, comparison.per
    a, b = sides.a.energy_j, sides.b.energy_j
    return [
        ", ".join(
            [f"a {figures.interval(a, 'J')}{_less(a, b)}", *_each(sides.a, per), *_phases(sides.a)]
        ),
        ", ".join(
            [f"b {figures.interval(b, 'J')}{_less(b, a)}", *_each(sides.b, per), *_phases(sides.b)]
        ),
        comparison.verdict,
        *_sources(a, b),
    ]


def _each(side: Side, per: Per | None) -> list[str]:
    """``3.91 mJ each of 512 tokens`` where the run was asked for that."""
    if per is None:
        return []
    return [f"{figures.value(each_of(side), 'J')} each of {units(per)}"]


def _phases(side: Side) -> list[str]:
    """``prefill 1.20 J``, of every named part."""
    return [f"{row.name} {figures.value(row.energy_j, 'J')}" for row in side.phases]


def _less(this: Figure, other: Figure) -> str:
    """By how much ``this`` needs less than ``other``; nothing where the intervals meet."""
    if not isinstance(this, Quantity) or not isinstance(other, Quantity) or other.value <= 0:
        return ""
    if this.high >= other.low:
        return ""
    return f", {100 * (1 - this.value / other.value):.1f} % less"


def _sources(*parts: Figure) -> list[str]:
    return sorted({part.source for part in parts if isinstance(part, Quantity)})
