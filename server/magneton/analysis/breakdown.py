"""One side's energy by source range, function and module."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from magneton_agent.schema.location import Location
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import Breakdown, Row

from .cost import SideCost

K = TypeVar("K", bound=Hashable)
NOWHERE = "(outside the workspace)"


@dataclass(frozen=True)
class Place:
    """Where an operator stands: its innermost user range, and the user functions around it,
    innermost first, each with the place of its definition."""

    range: Location | None
    functions: tuple[tuple[str, Location], ...]


def break_down(operators: Sequence[Operator], places: Sequence[Place], cost: SideCost) -> Breakdown:
    """Rows by range and module partition the operators; a function's row holds all that runs
    inside it, so functions that call each other overlap."""
    return Breakdown(
        by_range=_rows(
            operators, cost, lambda each: [_range_key(places[each.id].range)], lambda key: key
        ),
        by_function=_rows(
            operators, cost, lambda each: dict.fromkeys(places[each.id].functions), lambda key: key
        ),
        by_module=_rows(
            operators, cost, lambda each: [each.module or "(no module)"], lambda key: (key, None)
        ),
    )


def _range_key(place: Location | None) -> tuple[str, Location | None]:
    if place is None:
        return NOWHERE, None
    return f"{place.path}:{place.start.line}:{place.start.column + 1}", place


def _rows(
    operators: Sequence[Operator],
    cost: SideCost,
    keys: Callable[[Operator], Iterable[K]],
    label: Callable[[K], tuple[str, Location | None]],
) -> tuple[Row, ...]:
    members: dict[K, list[int]] = {}
    for operator in operators:
        for key in keys(operator):
            members.setdefault(key, []).append(operator.id)
    rows = [_row(*label(key), found, cost) for key, found in members.items()]
    return tuple(sorted(rows, key=lambda row: (-row.share, row.label)))


def _row(label: str, location: Location | None, found: list[int], cost: SideCost) -> Row:
    energy = cost.energy_of(found)
    return Row(
        label=label,
        location=location,
        operators=len(found),
        energy_j=energy,
        duration_s=cost.duration_of(found),
        share=energy.value / cost.energy_j.value,
    )
