"""A recording as a graph: operators that compute, and the value groups between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording, Value

from .sketches import Features, features


@dataclass(frozen=True)
class Flow:
    """One side's data flow over value groups.

    ``first`` maps a group to its first value, which alone is sketched; ``features`` has the
    groups whose sketch says anything. ``reads`` and ``writes`` list, by operator, the groups read
    in argument order and the groups created. ``moves`` are the operators that create no group,
    only other layouts or orders of one: they are no edges of this graph. ``consumers`` are the
    others that read a group. ``positions`` says where in the step's outputs a group stands.
    ``reduced`` are the groups computed from floats of 16 bits or less, whatever their own type;
    ``drifted`` are those computed after the forward pass.
    """

    operators: tuple[Operator, ...]
    group_of: dict[int, int]
    first: dict[int, Value]
    features: dict[int, Features]
    reads: tuple[tuple[int, ...], ...]
    writes: tuple[tuple[int, ...], ...]
    moves: frozenset[int]
    producer: dict[int, int]
    consumers: dict[int, tuple[int, ...]]
    positions: dict[int, tuple[int, ...]]
    reduced: frozenset[int]
    drifted: frozenset[int]


def flow_of(recording: Recording) -> Flow:
    """The data flow of ``recording``."""
    group_of = {value.id: value.group for value in recording.values}
    first = {value.id: value for value in recording.values if value.id == value.group}
    edges = _edges(recording.operators, group_of)
    return Flow(
        operators=recording.operators,
        group_of=group_of,
        first=first,
        features={
            group: found
            for group, value in first.items()
            if (found := features(value.sketch, value.kind)) is not None
        },
        positions=_positions(recording.outputs, group_of),
        reduced=_reduced(recording, edges.reads, edges.writes),
        drifted=frozenset(
            group
            for group, number in edges.producer.items()
            if recording.operators[number].phase != "forward"
        ),
        **vars(edges),
    )


@dataclass(frozen=True)
class _Edges:
    """As in :class:`Flow`."""

    reads: tuple[tuple[int, ...], ...]
    writes: tuple[tuple[int, ...], ...]
    moves: frozenset[int]
    producer: dict[int, int]
    consumers: dict[int, tuple[int, ...]]


def _edges(operators: Sequence[Operator], group_of: dict[int, int]) -> _Edges:
    reads = tuple([_groups(operator.inputs, group_of) for operator in operators])
    results = [_groups(operator.outputs, group_of) for operator in operators]
    writes, producer = _creations(reads, results)
    moves = frozenset([i for i, groups in enumerate(results) if groups and not writes[i]])
    return _Edges(reads, writes, moves, producer, _consumers(reads, moves))


def _groups(values: tuple[int, ...], group_of: dict[int, int]) -> tuple[int, ...]:
    if len(values) == 1:
        return (group_of[values[0]],)
    return tuple(dict.fromkeys([group_of[value] for value in values]))


def _creations(
    reads: tuple[tuple[int, ...], ...], results: list[tuple[int, ...]]
) -> tuple[tuple[tuple[int, ...], ...], dict[int, int]]:
    """By operator the groups that it creates, and by group its creator. What is read before
    anything gives it was there before the step."""
    creations: list[tuple[int, ...]] = []
    producer: dict[int, int] = {}
    known: set[int] = set()
    for number, read in enumerate(reads):
        known.update(read)
        created = tuple([group for group in results[number] if group not in known])
        if created:
            known.update(created)
            producer.update(dict.fromkeys(created, number))
        creations.append(created)
    return tuple(creations), producer


def _consumers(
    reads: tuple[tuple[int, ...], ...], moves: frozenset[int]
) -> dict[int, tuple[int, ...]]:
    consumers: defaultdict[int, list[int]] = defaultdict(list)
    for number, groups in enumerate(reads):
        if number not in moves:
            for group in groups:
                consumers[group].append(number)
    return {group: tuple(numbers) for group, numbers in consumers.items()}


def _positions(outputs: tuple[int, ...], group_of: dict[int, int]) -> dict[int, tuple[int, ...]]:
    positions: dict[int, tuple[int, ...]] = {}
    for position, value in enumerate(outputs):
        group = group_of[value]
        positions[group] = (*positions.get(group, ()), position)
    return positions


def _reduced(
    recording: Recording,
    reads: tuple[tuple[int, ...], ...],
    writes: tuple[tuple[int, ...], ...],
) -> frozenset[int]:
    # "bfloat16" contains "float16".
    reduced = {
        value.group
        for value in recording.values
        if value.kind == "float" and ("float16" in value.dtype or "float8" in value.dtype)
    }
    for read, written in zip(reads, writes, strict=True):
        if not reduced.isdisjoint(read):
            reduced.update(written)
    return frozenset(reduced)
