"""Figures as text: value with unit prefix, interval, source. The one place that formats them.

The unit says what the figure holds: ``"J"`` and ``"s"`` as stored, ``"%"`` for a ratio (0.2 is
shown as 20.0 %).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from magneton_agent.schema.quantity import Absent, Figure, Quantity

Unit = Literal["J", "s", "%"]

_PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
_SIGNIFICANT = 3


def value(figure: Figure, unit: Unit) -> str:
    """``2.00 J``, or ``absent``."""
    if isinstance(figure, Absent):
        return "absent"
    factor, symbol = _scale(figure, unit)
    return f"{figure.value / factor:.{_decimals(figure, factor, unit)}f} {symbol}"


def interval(figure: Figure, unit: Unit) -> str:
    """``2.00 J (1.98 to 2.02)``, or ``absent``."""
    if isinstance(figure, Absent):
        return "absent"
    factor, symbol = _scale(figure, unit)
    decimals = _decimals(figure, factor, unit)
    middle, low, high = (
        f"{number / factor:.{decimals}f}" for number in (figure.value, figure.low, figure.high)
    )
    return f"{middle} {symbol} ({low} to {high})"


def sourced(figure: Figure, unit: Unit) -> str:
    """``2.00 J (1.98 to 2.02), modelled``, or ``absent, because …``."""
    if isinstance(figure, Absent):
        return f"absent, because {figure.absent}"
    return f"{interval(figure, unit)}, {figure.source}"


def total(figures: Iterable[Figure]) -> Figure:
    """The sum; the bounds are added too, as errors of one run do not cancel.

    It is absent where one part is absent, and takes the source that all parts share, else
    ``apportioned``.
    """
    parts: list[Quantity] = []
    for figure in figures:
        if isinstance(figure, Absent):
            return figure
        parts.append(figure)
    if not parts:
        return Absent("there is nothing to add up")
    sources = {part.source for part in parts}
    return Quantity(
        value=math.fsum(part.value for part in parts),
        low=math.fsum(part.low for part in parts),
        high=math.fsum(part.high for part in parts),
        source=parts[0].source if len(sources) == 1 else "apportioned",
    )


def _scale(figure: Quantity, unit: Unit) -> tuple[float, str]:
    """The factor to divide by and the unit's symbol, chosen for the largest of the bounds."""
    if unit == "%":
        return 0.01, "%"
    largest = _largest(figure)
    for factor, prefix in _PREFIXES:
        if largest >= factor:
            return factor, prefix + unit
    return 1.0, unit


def _decimals(figure: Quantity, factor: float, unit: Unit) -> int:
    """Three significant digits, and up to two more where the interval is narrower than them."""
    if unit == "%":
        return 1
    scaled = _largest(figure) / factor
    digits = math.floor(math.log10(scaled)) + 1 if scaled and math.isfinite(scaled) else 1
    fewest = max(0, _SIGNIFICANT - digits)
    for decimals in (fewest, fewest + 1):
        if f"{figure.low / factor:.{decimals}f}" != f"{figure.high / factor:.{decimals}f}":
            return decimals
    return fewest + 2 if figure.low != figure.high else fewest


def _largest(figure: Quantity) -> float:
    return max(abs(figure.value), abs(figure.low), abs(figure.high))
