"""Joins regions that are the same code run many times: the layers of a model are one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from magneton_agent.schema.recording import Recording

from .regions import Cut, RegionPair

Signature = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Group:
    """``regions`` are indices into ``Cut.regions``; ``a`` and ``b`` all of their operators."""

    regions: tuple[int, ...]
    a: tuple[int, ...]
    b: tuple[int, ...]


def group_alike(cut: Cut, a: Recording, b: Recording) -> tuple[Group, ...]:
    """Regions whose operators have the same names and stacks on both sides, in order."""
    found: dict[tuple[Signature, Signature], list[int]] = {}
    for number, region in enumerate(cut.regions):
        key = (_signature(a, region.a), _signature(b, region.b))
        found.setdefault(key, []).append(number)
    return tuple(_group(cut.regions, numbers) for numbers in found.values())


def _group(regions: tuple[RegionPair, ...], numbers: list[int]) -> Group:
    return Group(
        regions=tuple(numbers),
        a=tuple(i for number in numbers for i in regions[number].a),
        b=tuple(i for number in numbers for i in regions[number].b),
    )


def _signature(recording: Recording, operators: Iterable[int]) -> Signature:
    chosen = [recording.operators[i] for i in operators]
    return tuple(sorted((each.name, each.stack) for each in chosen if not each.movement))
