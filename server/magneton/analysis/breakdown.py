"""One side's energy by source range, function and module."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from magneton_agent.schema.location import Location
from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import Breakdown, Instance, Row

from .cost import SideCost
from .kernels import kernel_rows
from .runs import outer_module, runs_of

NOWHERE, NO_MODULE = "(outside the workspace)", "(no module)"
MOST_INSTANCES = 32
Key = tuple[str, Location | None]
T = TypeVar("T")
Heights = Mapping[T, int]
"""How many modules up the row's own is: by row of an operator, or by operator of a row."""
Runs = list[list[int]]


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
    outermost = {place.functions[-1] for place in places if place.functions}
    return Breakdown(
        by_range=_rows(operators, cost, lambda each: _range_keys(places[each.id]), _runs),
        by_function=_rows(
            operators,
            cost,
            lambda each: _function_keys(places[each.id]),
            partial(_function_runs, outermost),
        ),
        by_module=_rows(operators, cost, lambda each: {(each.module or NO_MODULE, None): 0}, _runs),
        by_kernel=kernel_rows(operators),
    )


def _range_keys(place: Place) -> Heights[Key]:
    found = place.range
    if found is None:
        return {(NOWHERE, None): 0}
    # What the range itself calls stands one below the module that it is in.
    height = max(0, place.forwards[0] - 1) if place.forwards else 0
    return {(f"{found.path}:{found.start.line}:{found.start.column + 1}", found): height}


def _function_keys(place: Place) -> Heights[Key]:
    heights = place.forwards or (0,) * len(place.functions)
    return dict(zip(place.functions, heights, strict=True))


def _runs(key: Key, found: Sequence[Operator], heights: Heights[int]) -> Runs | None:
    """The operators of a row by run, None where the row is nothing that runs."""
    return None if key[0] in (NOWHERE, NO_MODULE) else runs_of(found, heights.__getitem__)


def _function_runs(
    outermost: Collection[Key], key: Key, found: Sequence[Operator], heights: Heights[int]
) -> Runs | None:
    """The same of a function: None too where it may just as well go through a module in a loop of
    its own. The outermost one is the step."""
    if key in outermost:
        return [[operator.id for operator in found]]
    runs = runs_of(found, heights.__getitem__)
    loops = heights[found[0].id] > 0 and key[0].rpartition(".")[2] != "forward"
    return None if loops and len(runs) > 1 else runs


def _rows(
    operators: Sequence[Operator],
    cost: SideCost,
    keys: Callable[[Operator], Heights[Key]],
    runs: Callable[[Key, Sequence[Operator], Heights[int]], Runs | None],
) -> tuple[Row, ...]:
    members: dict[Key, list[Operator]] = {}
    heights: dict[Key, dict[int, int]] = {}
    for operator in operators:
        for key, height in keys(operator).items():
            members.setdefault(key, []).append(operator)
            heights.setdefault(key, {})[operator.id] = height
    rows = [
        _row(key, found, runs(key, found, heights[key]), heights[key], cost)
        for key, found in members.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.share, row.label)))


def _row(
    key: Key, found: list[Operator], runs: Runs | None, heights: Heights[int], cost: SideCost
) -> Row:
    ids = [operator.id for operator in found]
    energy = cost.energy_of(ids)
    return Row(
        label=key[0],
        location=key[1],
        operators=len(found),
        energy_j=energy,
        duration_s=cost.duration_of(ids),
        share=energy.value / cost.energy_j.value,
        count=len(runs) if runs is not None else None,
        instances=_instances(found, runs, heights, cost) if runs and len(runs) > 1 else (),
    )


def _instances(
    found: list[Operator], runs: Runs, heights: Heights[int], cost: SideCost
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
