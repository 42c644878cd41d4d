"""Operators that only move data belong with the next operator that reads what they moved."""

from __future__ import annotations

from collections import defaultdict

from magneton_agent.schema.recording import Phase

from .flow import Flow
from .leftovers import Regions


def assign_moves(regions: Regions) -> None:
    """Attach every move to the region of the next operator in its phase that computes with what
    it moved; where none does, to that of the operator whose result it moves; pair the rest by the
    value moved. A move for an operator without a region has none either."""
    alone: dict[tuple[int, str], list[int]] = {}
    joint = regions.joint
    for side in (0, 1):
        flow, pairs = joint.flows[side], joint.of[side]
        users, shift = _users(flow), joint.node(side, 0)
        for move in sorted(flow.moves):
            operator = flow.operators[move]
            group = flow.group_of[operator.outputs[0]]
            owner = users.get(move)
            if owner is None:
                owner = _producer_in_phase(flow, group, operator.phase)
            if owner is not None:
                region = regions.of.get(shift + owner)
                if region is not None and flow.reads[move] == (group,):
                    regions.carry(shift + move, region)
                elif region is not None:
                    regions.attach([shift + move], region)
            elif group in pairs:
                alone.setdefault((pairs[group], operator.phase), []).append(shift + move)
    for nodes in alone.values():
        if nodes[0] < joint.split <= nodes[-1]:
            regions.add(nodes)


def _users(flow: Flow) -> dict[int, int]:
    """By move: the next operator of its phase that computes with its result, through moves."""
    users: dict[int, int] = {}
    # By phase, of a value: the next computing operator.
    by_phase: defaultdict[Phase, dict[int, int]] = defaultdict(dict)
    for operator in reversed(flow.operators):
        user: int | None = operator.id
        readers = by_phase[operator.phase]
        if operator.id in flow.moves:
            found = [readers[value] for value in operator.outputs if value in readers]
            user = min(found, default=None)
            if user is not None:
                users[operator.id] = user
        if user is not None:
            for value in operator.inputs:
                readers[value] = user
    return users


def _producer_in_phase(flow: Flow, group: int, phase: Phase) -> int | None:
    producer = flow.producer.get(group)
    if producer is None or flow.operators[producer].phase != phase:
        return None
    return producer
