"""Joins groups of a flow that hold the same elements, without building the flow anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from .flow import Flow

T = TypeVar("T")


def joined(flow: Flow, name: Mapping[int, int]) -> Flow:
    """``flow`` with every group in ``name`` made part of the group that it names.

    An operator whose results all repeat what was there before it becomes a move.
    """
    producer = _producers(flow, name)
    reads, writes = list(flow.reads), list(flow.writes)
    moves = set(flow.moves)
    for number in _touching(flow, name):
        reads[number] = _renamed(reads[number], name)
        created = [g for g in _renamed(writes[number], name) if producer.get(g) == number]
        if writes[number] and not created:
            moves.add(number)
        writes[number] = tuple(created)
    return replace(
        flow,
        group_of=flow.group_of
        | {value: name[group] for value, group in flow.group_of.items() if group in name},
        first=_without(flow.first, name),
        features=_without(flow.features, name),
        reads=tuple(reads),
        writes=tuple(writes),
        moves=frozenset(moves),
        producer=producer,
        consumers=_consumers(flow, name, moves),
        positions=_merged(flow.positions, name),
    )


def _touching(flow: Flow, name: Mapping[int, int]) -> Iterable[int]:
    joining = name.keys()
    for number, (read, written) in enumerate(zip(flow.reads, flow.writes, strict=True)):
        if not (joining.isdisjoint(read) and joining.isdisjoint(written)):
            yield number


def _without(by_group: Mapping[int, T], name: Mapping[int, int]) -> dict[int, T]:
    left = dict(by_group)
    for group in name:
        left.pop(group, None)
    return left


def _renamed(groups: tuple[int, ...], name: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(name.get(group, group) for group in groups))


def _producers(flow: Flow, name: Mapping[int, int]) -> dict[int, int]:
    """A joined group is made by the first that made a part of it; by none if a part was there."""
    producer = dict(flow.producer)
    for other, kept in name.items():
        first, second = producer.pop(other, None), producer.pop(kept, None)
        if first is not None and second is not None:
            producer[kept] = min(first, second)
    return producer


def _consumers(flow: Flow, name: Mapping[int, int], moves: set[int]) -> dict[int, tuple[int, ...]]:
    consumers = _merged(flow.consumers, name)
    for move in moves - flow.moves:
        for group in _renamed(flow.reads[move], name):
            consumers[group] = tuple(each for each in consumers[group] if each != move)
    return consumers


def _merged(
    by_group: Mapping[int, tuple[int, ...]], name: Mapping[int, int]
) -> dict[int, tuple[int, ...]]:
    merged = dict(by_group)
    for other, kept in name.items():
        found = {*merged.pop(other, ()), *merged.get(kept, ())}
        if found:
            merged[kept] = tuple(sorted(found))
    return merged
