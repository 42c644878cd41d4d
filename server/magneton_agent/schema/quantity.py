"""A figure with its interval and its source, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["measured", "replayed", "apportioned", "modelled"]


@dataclass(frozen=True)
class Quantity:
    """A value with its 95 % interval; the unit is in the name of the field that holds it."""

    value: float
    low: float
    high: float
    source: Source

    def scaled(self, factor: float, source: Source | None = None) -> Quantity:
        """The same figure times a constant ``factor`` >= 0."""
        return Quantity(
            self.value * factor, self.low * factor, self.high * factor, source or self.source
        )


@dataclass(frozen=True)
class Absent:
    """No figure, because of ``absent``. Never written as 0."""

    absent: str


Figure = Quantity | Absent
