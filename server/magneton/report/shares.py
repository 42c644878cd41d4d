"""Shares of a step's energy, and what one above all of it means."""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.result import Row

_SHOWN = 0.001  # what a share is rounded to


def percent(share: float, decimals: int = 1) -> str:
    """``84.9 %``."""
    return f"{100 * share:.{decimals}f} %"


def excess_text(rows: Iterable[Row]) -> str | None:
    """What to say where one of ``rows`` takes more than the step itself; None where none does."""
    if not any(row.share >= 1 + _SHOWN / 2 for row in rows):
        return None
    return (
        "A share above 100 %: operators are timed in other runs of the step than its energy is "
        "from, and took more in those. What they have too much is the step's residual, which is "
        "below 0; read the interval, not the share, or run again on a quieter machine."
    )
