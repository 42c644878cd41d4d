"""What surrounds a value: the matched values nearest to it, and the operators that touch it.

Sketches cannot tell equal weights or reorderings of one tensor apart; their surroundings can.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from .flow import Flow

Token = tuple[str, int | str]
Pairs = Mapping[int, int]
"""Group of one side -> number of the matched pair that it belongs to."""

_FRONTIER = 32
# An operator over more tensors than this (a foreach optimizer) says nothing of any one of them.
_WIDE = 64
# An operator with more results than this works on lists of tensors, each for itself.
_MOST_RESULTS = 3
_WEIGHTS = {
    "above": 1.0,  # matched values nearest upstream
    "below": 1.0,  # matched values nearest downstream
    "from": 1.0,  # read by the operator that produces it
    "into": 1.0,  # produced by an operator that reads it
    "beside": 1.0,  # read by an operator that reads it
    "output": 2.0,  # its place in what the step returns
    "leaf": 2.0,  # there before the step
    "producer": 0.5,  # the name of the operator that produces it
    "consumer": 0.5,  # the name of an operator that reads it
}
_DIRECT = frozenset(("from", "into", "beside", "output"))
_RELATIONS = _DIRECT | {"above", "below"}


def surroundings(flow: Flow, group: int, pairs: Pairs) -> frozenset[Token]:
    """The tokens of ``group``: equal ones on both sides mean equal surroundings."""
    tokens: set[Token] = {("output", position) for position in flow.positions.get(group, ())}
    for far, near, step in (("above", "from", _sources), ("below", "into", _results)):
        neighbours = step(flow, group)
        tokens.update([(near, pairs[other]) for other in neighbours if other in pairs])
        tokens.update([(far, pair) for pair in _frontier(flow, group, neighbours, pairs, step)])
    siblings = _siblings(flow, group)
    tokens.update([("beside", pairs[other]) for other in siblings if other in pairs])
    if (producer := flow.producer.get(group)) is not None:
        tokens.add(("producer", _kind(flow.operators[producer].name)))
    else:
        tokens.add(("leaf", ""))
    for consumer in flow.consumers.get(group, ())[:_WIDE]:
        tokens.add(("consumer", _kind(flow.operators[consumer].name)))
    return frozenset(tokens)


def overlap(a: frozenset[Token], b: frozenset[Token]) -> float:
    """The weighted share of tokens that both have: 1 for equal surroundings, 0 for none."""
    shared = _weight(a & b)
    total = _weight(a) + _weight(b) - shared
    return shared / total if total else 0.0


def related(a: frozenset[Token], b: frozenset[Token], *, directly: bool) -> bool:
    """Whether both lead to or from the same matched value, or stand at the same place of the
    outputs; ``directly``: with one operator between."""
    return any(kind in (_DIRECT if directly else _RELATIONS) for kind, _ in a & b)


@functools.cache
def _kind(name: str) -> str:
    """The operator's name without what tells only how it is run: in place, or over a list."""
    return name.removeprefix("aten::").removeprefix("_foreach_").rstrip("_")


def _weight(tokens: frozenset[Token]) -> float:
    # The weights are multiples of 1/2: their sum does not depend on the order of the set.
    return sum([_WEIGHTS[kind] for kind, _ in tokens])


def _frontier(
    flow: Flow,
    start: int,
    neighbours: Sequence[int],
    pairs: Pairs,
    step: Callable[[Flow, int], Sequence[int]],
) -> set[int]:
    """The matched pairs first met on every path from ``start``, whose ``neighbours`` are known."""
    found: set[int] = set()
    seen = {start}
    pending = [start]
    for group in pending:
        for neighbour in neighbours if group == start else step(flow, group):
            if neighbour in seen:
                continue
            seen.add(neighbour)
            if neighbour in pairs:
                found.add(pairs[neighbour])
            elif len(pending) < _FRONTIER:
                pending.append(neighbour)
    return found


def _sources(flow: Flow, group: int) -> Sequence[int]:
    producer = flow.producer.get(group)
    if producer is None:
        return ()
    return _lane(flow, group, producer, flow.reads[producer])


def _results(flow: Flow, group: int) -> Sequence[int]:
    results: list[int] = []
    for consumer in flow.consumers.get(group, ())[:_WIDE]:
        results += _lane(flow, group, consumer, flow.writes[consumer])
    return results


def _lane(flow: Flow, group: int, operator: int, others: tuple[int, ...]) -> Sequence[int]:
    """Those of ``others`` that ``operator`` made of ``group``, or made it of: in an operator over
    a list of tensors, the one in the same memory."""
    if len(flow.writes[operator]) <= _MOST_RESULTS:
        return others if not _is_wide(flow, operator) else ()
    storage = flow.first[group].storage
    return [other for other in others if flow.first[other].storage == storage]


def _siblings(flow: Flow, group: int) -> Sequence[int]:
    siblings: list[int] = []
    for consumer in flow.consumers.get(group, ())[:_WIDE]:
        if not _is_wide(flow, consumer):
            siblings += flow.reads[consumer]
    return [other for other in siblings if other != group]


def _is_wide(flow: Flow, operator: int) -> bool:
    return len(flow.reads[operator]) + len(flow.writes[operator]) > _WIDE
