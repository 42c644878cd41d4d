"""Which operators belong together: across unmatched values, and by the matched ones they make."""

from __future__ import annotations

from .congruence import Numbering, number
from .context import Pairs
from .flow import Flow
from .joint import Joint
from .unions import Unions


def pieces(joint: Joint) -> list[list[int]]:
    """Sets of nodes that cannot be told apart, without mere moves; every set has one phase."""
    unions = Unions(len(joint.phases))
    for side in (0, 1):
        _join_across_unmatched(joint, side, unions)
    _join_equal_results(joint, unions)
    _join_equal_effects(joint, unions)
    return [members for members in unions.sets() if members[0] not in joint.moves]


def _join_across_unmatched(joint: Joint, side: int, unions: Unions) -> None:
    flow, matched = joint.flows[side], joint.of[side]
    dependent, level = _dependent(flow), _levels(flow, matched)
    for group, producer in flow.producer.items():
        if group in matched:
            continue
        mates = [
            consumer
            for consumer in flow.consumers.get(group, ())
            if flow.operators[consumer].phase == flow.operators[producer].phase
            # A mask or a position table is shared by all layers: it must not join them.
            and (consumer in dependent) == (producer in dependent)
        ]
        # So is a value that is read again behind matched ones: joined with its later readers, a
        # region would need its own results.
        first = min((level[consumer] for consumer in mates), default=0)
        for consumer in mates:
            if level[consumer] == first:
                unions.join(joint.node(side, producer), joint.node(side, consumer))


def _dependent(flow: Flow) -> frozenset[int]:
    """Operators whose results depend on the program's inputs.

    Where no value is known to be an input, all that were there before the step count as such.
    """
    leaves = {group for group in flow.first if group not in flow.producer}
    inputs = {group for group in leaves if flow.first[group].origin == "input"}
    reached = inputs or leaves
    dependent: set[int] = set()
    for operator, read in enumerate(flow.reads):
        if not reached.isdisjoint(read):
            dependent.add(operator)
            reached.update(flow.writes[operator])
    return frozenset(dependent)


def _levels(flow: Flow, matched: Pairs) -> list[int]:
    """By operator: the most matched, computed values on any path that leads to it."""
    level: list[int] = []
    below: dict[int, int] = {}  # of a computed value: the level of what reads it
    for read, written in zip(flow.reads, flow.writes, strict=True):
        highest = 0
        for group in read:
            if group in below and below[group] > highest:
                highest = below[group]
        level.append(highest)
        for group in written:
            below[group] = highest + (group in matched)
    return level


def _join_equal_results(joint: Joint, unions: Unions) -> None:
    producer_a, producer_b = (flow.producer for flow in joint.flows)
    for group_a, group_b in joint.pairs:
        if group_a not in producer_a or group_b not in producer_b:
            continue
        made_a, made_b = producer_a[group_a], joint.node(1, producer_b[group_b])
        if joint.phases[made_a] == joint.phases[made_b]:
            unions.join(made_a, made_b)


def _join_equal_effects(joint: Joint, unions: Unions) -> None:
    """Join operators without a result (``item``, an assertion) that do the same to the same."""
    flow_a, flow_b = joint.flows
    silent = [[each.id for each in flow.operators if not each.outputs] for flow in joint.flows]
    if not all(silent):
        return
    numbering = Numbering()
    found_a = _effects(flow_a, joint.of[0], numbering, silent[0])
    found_b = _effects(flow_b, joint.of[1], numbering, silent[1])
    for own, operators_a in found_a.items():
        for made_a, made_b in zip(operators_a, found_b.get(own, ()), strict=False):
            unions.join(joint.node(0, made_a), joint.node(1, made_b))


def _effects(
    flow: Flow, pairs: Pairs, numbering: Numbering, silent: list[int]
) -> dict[int, list[int]]:
    numbers = number(flow, pairs, numbering, silent).operators
    found: dict[int, list[int]] = {}
    for operator in silent:
        if operator in numbers:
            found.setdefault(numbers[operator], []).append(operator)
    return found
