"""Value numbering across both sides: the same operator on the same values gives the same value.

It reaches what sketches and context cannot: uninitialised memory, operators without a result,
infinities that nothing matched is next to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from magneton_agent.schema.recording import Value

from .context import Pairs
from .flow import Flow
from .pairing import Pairing
from .sketches import is_distinctive


@dataclass
class Numbering:
    """Hands out one number to equal keys; both sides are numbered by the same instance."""

    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)

    def of(self, *key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


@dataclass(frozen=True)
class Numbers:
    """Numbers of one side's groups and operators; absent where nothing is known of an input."""

    groups: dict[int, int]
    operators: dict[int, int]


def number(flow: Flow, pairs: Pairs, numbering: Numbering, operators: Iterable[int]) -> Numbers:
    """Number ``operators`` of one side and what their inputs were computed from."""
    groups = {group: numbering.of("pair", pair) for group, pair in pairs.items()}
    own_numbers: dict[int, int] = {}
    for operator in map(flow.operators.__getitem__, _needed(flow, pairs, operators)):
        inputs = tuple(groups.get(flow.group_of[value]) for value in operator.inputs)
        if None in inputs:
            continue
        arguments = tuple(sorted(operator.arguments.items()))
        own = numbering.of("operator", operator.name, operator.phase, arguments, inputs)
        own_numbers[operator.id] = own
        for place, group in enumerate(flow.writes[operator.id]):
            if group not in groups:
                # A known sketch is part of the key: random operators repeat all but that. Beside
                # infinities only their number is exact.
                known = flow.features.get(group)
                told = known.nonfinite if known is not None and known.nonfinite else known
                groups[group] = numbering.of("result", own, place, told)
    return Numbers(groups, own_numbers)


def _needed(flow: Flow, pairs: Pairs, operators: Iterable[int]) -> list[int]:
    """``operators`` and all that lead to them over groups without a partner, in order."""
    pending = list(operators)
    needed = set(pending)
    while pending:
        for group in flow.reads[pending.pop()]:
            producer = flow.producer.get(group)
            if producer is not None and producer not in needed and group not in pairs:
                needed.add(producer)
                pending.append(producer)
    return sorted(needed)


def congruent(a: Flow, b: Flow, pairing: Pairing) -> list[tuple[int, int]]:
    """Unmatched groups of both sides with equal numbers, in order of appearance."""
    makers_a, makers_b = _indistinct(a, pairing.of_a), _indistinct(b, pairing.of_b)
    if not (makers_a and makers_b):
        return []
    numbering = Numbering()
    found_a = _open_by_number(a, pairing.of_a, numbering, makers_a)
    found_b = _open_by_number(b, pairing.of_b, numbering, makers_b)
    return [
        (group_a, group_b)
        for own, groups_a in found_a.items()
        for group_a, group_b in zip(groups_a, found_b.get(own, ()), strict=False)
        # Equal numbers imply equal sketches; matched inputs may still differ in shape.
        if _elements(a.first[group_a]) == _elements(b.first[group_b])
    ]


def _indistinct(flow: Flow, pairs: Pairs) -> list[int]:
    """The operators that made a group which its sketch alone could not match."""
    return [
        producer
        for group, producer in flow.producer.items()
        if group not in pairs
        and not ((found := flow.features.get(group)) and is_distinctive(found))
    ]


def _open_by_number(
    flow: Flow, pairs: Pairs, numbering: Numbering, operators: Iterable[int]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for group, own in number(flow, pairs, numbering, operators).groups.items():
        if group not in pairs:
            found.setdefault(own, []).append(group)
    return found


def _elements(value: Value) -> tuple[int, str]:
    return math.prod(value.shape), value.kind
