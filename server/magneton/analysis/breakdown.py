"""One side's energy by source range, function and module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from magneton_agent.schema.location import Location
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import Breakdown, Instance, Row

from .cost import SideCost
from .runs import outer_module, runs_of

NOWHERE = "(outside the workspace)"
MOST_INSTANCES = 32
Key = tuple[str, Location | None]
Keys = Mapping[Key, int]
"""The rows that an operator belongs to, each with how many modules up the row's own is."""


@dataclass(frozen=True)
class Place:
    """Where an operator stands: its innermost user range, and the user functions around it,
    innermost first, each with the place of its definition.

    ``forwards`` counts, for each of the functions, the modules' ``forward`` functions that the
    operator runs in below it.
    """

    range: Location | None
    functions: tuple[tuple[str, Location], ...]
    forwards: tuple[int, ...] = ()


def break_down(operators: Sequence[Operator], places: Sequence[Place], cost: SideCost) -> Breakdown:
    """Rows by range and module partition the operators; a function's row holds all that runs
    inside it, so functions that call each other overlap."""
    return Breakdown(
        by_range=_rows(operators, cost, lambda each: _range_keys(places[each.id])),
        by_function=_rows(operators, cost, lambda each: _function_keys(places[each.id])),
        by_module=_rows(operators, cost, lambda each: {(each.module or "(no module)", None): 0}),
    )


def _range_keys(place: Place) -> Keys:
    found = place.range
    if found is None:
        return {(NOWHERE, None): 0}
    # What the range itself calls stands one below the module that it is in.
    height = max(0, place.forwards[0] - 1) if place.forwards else 0
    return {(f"{found.path}:{found.start.line}:{found.start.column + 1}", found): height}


def _function_keys(place: Place) -> Keys:
    heights = place.forwards or (0,) * len(place.functions)
    return dict(zip(place.functions, heights, strict=True))


def _rows(
    operators: Sequence[Operator], cost: SideCost, keys: Callable[[Operator], Keys]
) -> tuple[Row, ...]:
    members: dict[Key, list[Operator]] = {}
    heights: dict[Key, dict[int, int]] = {}
    for operator in operators:
        for key, height in keys(operator).items():
            members.setdefault(key, []).append(operator)
            heights.setdefault(key, {})[operator.id] = height
    rows = [_row(*key, found, heights[key], cost) for key, found in members.items()]
    return tuple(sorted(rows, key=lambda row: (-row.share, row.label)))


def _row(
    label: str,
    location: Location | None,
    found: list[Operator],
    heights: dict[int, int],
    cost: SideCost,
) -> Row:
    ids = [operator.id for operator in found]
    energy = cost.energy_of(ids)
    runs = runs_of(found, heights.__getitem__) if label != NOWHERE else [ids]
    return Row(
        label=label,
        location=location,
        operators=len(found),
        energy_j=energy,
        duration_s=cost.duration_of(ids),
        share=energy.value / cost.energy_j.value,
        count=len(runs),
        instances=_instances(found, runs, heights, cost) if len(runs) > 1 else (),
    )


def _instances(
    found: list[Operator], runs: list[list[int]], heights: dict[int, int], cost: SideCost
) -> tuple[Instance, ...]:
    """The costliest runs, in execution order."""
    spent_j = [sum(cost.duration_s[i] * cost.power_w[i] for i in run) for run in runs]
    costliest = sorted(range(len(runs)), key=lambda number: -spent_j[number])[:MOST_INSTANCES]
    by_id = {operator.id: operator for operator in found}
    modules = [outer_module(by_id[run[0]], heights[run[0]]) for run in runs]
    telling = "" not in modules and len(set(modules)) == len(modules)
    return tuple(
        Instance(
            label=modules[number] if telling else f"#{number + 1}",
            operators=len(runs[number]),
            energy_j=cost.energy_of(runs[number]),
            duration_s=cost.duration_of(runs[number]),
        )
        for number in sorted(costliest)
    )
