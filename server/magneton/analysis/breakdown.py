"""One side's energy by source range, function and module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
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
Entry = tuple[int, Hashable]
Entries = Mapping[T, Entry]
"""How many modules up the row's own is, and where within what the row runs: by row of an operator,
or by operator of a row."""
Runs = list[list[int]]


@dataclass(frozen=True)
class Place:
    """Where an operator stands: its innermost user range, and the user functions around it,
    innermost first, each with the place of its definition.

    ``forwards`` counts, for each of the functions, the modules' ``forward`` functions that the
    operator runs in below it. ``within`` numbers, for each of the functions, the frames from its
    own inwards, equal ones alike, and ``within_module`` those from the innermost ``forward``
    inwards; where they are not known, whole stacks are compared. ``memory`` numbers what an
    optimizer's operator reads first: a library goes through parameters in a loop of its own.
    """

    range: Location | None
    functions: tuple[tuple[str, Location], ...]
    forwards: tuple[int, ...] = ()
    within: tuple[int, ...] = ()
    within_module: int | None = None
    memory: int | None = None


def break_down(operators: Sequence[Operator], places: Sequence[Place], cost: SideCost) -> Breakdown:
    """Rows by range and module partition the operators; a function's row holds all that runs
    inside it, so functions that call each other overlap."""
    outermost = {place.functions[-1] for place in places if place.functions}
    by_range = _rows(operators, cost, lambda each: _range_keys(each, places[each.id]), _runs)
    by_function = _rows(
        operators,
        cost,
        lambda each: _function_keys(each, places[each.id]),
        partial(_function_runs, outermost),
    )
    return Breakdown(
        by_range=_told_by(_range_end, by_range),
        by_function=_told_by(_function_place, by_function),
        by_module=_rows(operators, cost, lambda each: _module_keys(each, places[each.id]), _runs),
        by_kernel=kernel_rows(operators),
    )


def _told_by(more: Callable[[Location], str], rows: Sequence[Row]) -> tuple[Row, ...]:
    """``rows``, with ``more`` in the labels that are not the only ones of their kind."""
    labels = Counter(row.label for row in rows)
    return tuple(
        replace(row, label=row.label + more(row.location))
        if labels[row.label] > 1 and row.location is not None
        else row
        for row in rows
    )


def _range_end(location: Location) -> str:
    """``-24``, the last column, or ``-7:24`` where that is on another line."""
    line = "" if location.end.line == location.start.line else f"{location.end.line}:"
    return f"-{line}{location.end.column}"


def _function_place(location: Location) -> str:
    return f" ({location.path}:{location.start.line})"


def _range_keys(operator: Operator, place: Place) -> Entries[Key]:
    found = place.range
    if found is None:
        return {(NOWHERE, None): (0, None)}
    # What the range itself calls stands one below the module that it is in.
    height = max(0, place.forwards[0] - 1) if place.forwards else 0
    within = place.within[0] if place.within else operator.stack
    label = f"{found.path}:{found.start.line}:{found.start.column + 1}"
    return {(label, found): (height, (within, place.memory))}


def _function_keys(operator: Operator, place: Place) -> Entries[Key]:
    heights = place.forwards or (0,) * len(place.functions)
    within = place.within or (operator.stack,) * len(place.functions)
    return {
        function: (height, (number, place.memory))
        for function, height, number in zip(place.functions, heights, within, strict=True)
    }


def _module_keys(operator: Operator, place: Place) -> Entries[Key]:
    within = operator.stack if place.within_module is None else place.within_module
    return {(operator.module or NO_MODULE, None): (0, (within, place.memory))}


def _runs(key: Key, found: Sequence[Operator], entries: Entries[int]) -> Runs | None:
    """The operators of a row by run, None where the row is nothing that runs."""
    return None if key[0] in (NOWHERE, NO_MODULE) else _told_apart(found, entries)


def _told_apart(found: Sequence[Operator], entries: Entries[int]) -> Runs:
    return runs_of(found, lambda number: entries[number][0], lambda each: entries[each.id][1])


def _function_runs(
    outermost: Collection[Key], key: Key, found: Sequence[Operator], entries: Entries[int]
) -> Runs | None:
    """The same of a function: None too where it may just as well go through a module in a loop of
    its own. The outermost one is the step."""
    if key in outermost:
        return [[operator.id for operator in found]]
    runs = _told_apart(found, entries)
    loops = entries[found[0].id][0] > 0 and key[0].rpartition(".")[2] != "forward"
    return None if loops and len(runs) > 1 else runs


def _rows(
    operators: Sequence[Operator],
    cost: SideCost,
    keys: Callable[[Operator], Entries[Key]],
    runs: Callable[[Key, Sequence[Operator], Entries[int]], Runs | None],
) -> tuple[Row, ...]:
    members: dict[Key, list[Operator]] = {}
    entries: dict[Key, dict[int, Entry]] = {}
    for operator in operators:
        for key, entry in keys(operator).items():
            members.setdefault(key, []).append(operator)
            entries.setdefault(key, {})[operator.id] = entry
    rows = [
        _row(key, found, runs(key, found, entries[key]), entries[key], cost)
        for key, found in members.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.share, row.label)))


def _row(
    key: Key, found: list[Operator], runs: Runs | None, entries: Entries[int], cost: SideCost
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
        instances=_instances(found, runs, entries, cost) if runs and len(runs) > 1 else (),
    )


def _instances(
    found: list[Operator], runs: Runs, entries: Entries[int], cost: SideCost
) -> tuple[Instance, ...]:
    """The costliest runs, in execution order."""
    spent_j = [sum(cost.duration_s[i] * cost.power_w[i] for i in run) for run in runs]
    costliest = sorted(range(len(runs)), key=lambda number: -spent_j[number])[:MOST_INSTANCES]
    by_id = {operator.id: operator for operator in found}
    modules = [outer_module(by_id[run[0]], entries[run[0]][0]) for run in runs]
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
