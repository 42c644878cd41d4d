"""Values of one side that are the parts of one value of the other: their sums add up to its own.

A fused projection and its gradient against three, a batch against micro-batches, a tensor against
its shards. Element count and power sums of the whole are those of the parts together, its extremes
are theirs.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import tee
from typing import NamedTuple

from .flow import Flow
from .pairing import Pairing
from .sketches import CLOSE, DRIFTED, REDUCED, Features, Tolerance, is_distinctive

_MOST_PARTS = 8
_SMALLEST = 16  # elements: below, sums coincide too often
_TRIALS = 64  # partial sums looked at for one whole


class Sums(NamedTuple):
    """Power sums over all elements: of x, |x|, x**2, x**3, x**4."""

    elements: int
    total: float
    absolute: float
    square: float
    cube: float
    fourth: float

    def less(self, other: Sums) -> Sums:
        """The sums of what is left without ``other``."""
        return Sums(
            self.elements - other.elements,
            *(x - y for x, y in zip(self[1:], other[1:], strict=True)),
        )


@dataclass(frozen=True)
class _Part:
    group: int
    found: Features
    sums: Sums
    made_by: str


def pair_sums(a: Flow, b: Flow, pairing: Pairing) -> None:
    """Pair wholes of either side with their parts on the other, among what has no partner."""
    for whole_side, whole_flow, part_flow in ((0, a, b), (1, b, a)):
        of_whole, of_part = (pairing.of_a, pairing.of_b)[:: 1 - 2 * whole_side]
        wholes = _open(whole_flow, of_whole)
        parts = _Parts(part_flow, _open(part_flow, of_part) if wholes else {})
        for group, found in wholes.items():
            tolerance = _tolerance(whole_flow, group, part_flow)
            chosen = parts.adding_up_to(found, tolerance)
            if chosen:
                parts.remove(chosen)
                groups = sorted(part.group for part in chosen)
                pairing.add_parts(group, groups, whole_in_a=whole_side == 0)


def _open(flow: Flow, partners: Mapping[int, int]) -> dict[int, Features]:
    """The groups without a partner that can be wholes or parts, ascending."""
    return {
        group: found
        for group in flow.first
        if group not in partners and (found := eligible(flow, group)) is not None
    }


def eligible(flow: Flow, group: int) -> Features | None:
    """The features of a group that may be a whole or a part, else None."""
    found = flow.features.get(group)
    if found is None or found.kind != "float" or found.elements < _SMALLEST:
        return None
    return found if is_distinctive(found) else None


def _tolerance(flow: Flow, group: int, other: Flow) -> Tolerance:
    if group in flow.reduced or other.reduced:
        return REDUCED
    return DRIFTED if group in flow.drifted else CLOSE


def sums_of(found: Features) -> Sums:
    """The power sums of a tensor with these features."""
    n = found.elements
    moments = (found.mean, found.absolute, found.rms**2, found.cube, found.fourth)
    return Sums(n, *(n * moment for moment in moments))


def margins(whole: Features, tolerance: Tolerance) -> Sums:
    """By how much the sums of the parts may differ from those of ``whole``."""
    n, rms, fourth = whole.elements, whole.rms, whole.fourth
    moment, higher = tolerance.moment * n, tolerance.higher * n
    return Sums(
        0, moment * rms, moment * rms, 2 * moment * rms**2, higher * rms * math.sqrt(fourth),
        higher * fourth,
    )  # fmt: skip


def is_nothing(left: Sums, allowed: Sums) -> bool:
    """Whether what is ``left`` of a whole without its parts is within what is ``allowed``."""
    return all(abs(x) <= y for x, y in zip(left, allowed, strict=True))


class _Parts:
    """What may be a part, found by its smallest or its largest element."""

    def __init__(self, flow: Flow, groups: Mapping[int, Features]) -> None:
        self._open: dict[int, _Part] = {}
        for group, found in groups.items():
            producer = flow.producer.get(group)
            name = "" if producer is None else flow.operators[producer].name
            self._open[group] = _Part(group, found, sums_of(found), name)
        self._by_low = sorted((part.found.low, group) for group, part in self._open.items())
        self._by_high = sorted((part.found.high, group) for group, part in self._open.items())
        self._alike: dict[str, list[int]] = {}
        for group, part in self._open.items():
            self._alike.setdefault(part.made_by, []).append(group)

    def remove(self, parts: Iterable[_Part]) -> None:
        for part in parts:
            del self._open[part.group]

    def adding_up_to(self, whole: Features, tolerance: Tolerance) -> list[_Part]:
        """Two parts or more that make up ``whole``; empty if there are none."""
        slack = tolerance.extreme * max(whole.rms, abs(whole.low), abs(whole.high))
        search = _Search(whole, tolerance, slack)
        for first in self._extreme(whole, slack):
            if search.may_hold(first):
                (rest,) = tee(self._like(first, whole, slack), 1)
                if found := search.completed([first], rest):
                    return found
        return []

    def _extreme(self, whole: Features, slack: float) -> Iterator[_Part]:
        """The parts that hold the element of ``whole`` that lies farthest from 0: its other extreme
        may be one that many have, as where nothing is negative."""
        lowest = -whole.low > whole.high
        ordered, sought = (self._by_low, whole.low) if lowest else (self._by_high, whole.high)
        start = bisect_left(ordered, (sought - slack, -1))
        for place in range(start, len(ordered)):
            extreme, group = ordered[place]
            if extreme > sought + slack:
                return
            if (part := self._open.get(group)) is not None:
                yield part

    def _like(self, first: _Part, whole: Features, slack: float) -> Iterator[_Part]:
        """What may stand beside ``first``: made by an operator of the same name, within the
        extremes of ``whole``; the nearest in the program first. Few of many are asked for."""
        alike = self._alike[first.made_by]
        place = bisect_left(alike, first.group)
        outwards = range(place - 1, -1, -1), range(place + 1, len(alike))
        for near in heapq.merge(*outwards, key=lambda near: abs(alike[near] - first.group)):
            part = self._open.get(alike[near])
            if (
                part is not None
                and part.found.elements < whole.elements
                and part.found.low >= whole.low - slack
                and part.found.high <= whole.high + slack
            ):
                yield part


class _Search:
    """Looks for parts that make up one whole, within a number of trials."""

    def __init__(self, whole: Features, tolerance: Tolerance, slack: float) -> None:
        self._whole, self._sums = whole, sums_of(whole)
        self._slack, self._trials = slack, _TRIALS
        self._allowed = margins(whole, tolerance)

    def may_hold(self, part: _Part) -> bool:
        """Whether ``part`` can be one of several."""
        found, whole = part.found, self._whole
        return (
            found.elements < whole.elements
            and found.high <= whole.high + self._slack
            and part.sums.square <= self._sums.square + self._allowed.square
        )

    def completed(self, chosen: list[_Part], rest: Iterator[_Part]) -> list[_Part]:
        """``chosen`` with as many of ``rest``, of which a copy goes on from the same place, as make
        up the whole; empty if none do."""
        left = self._sums
        for part in chosen:
            left = left.less(part.sums)
        if left.elements == 0:
            return chosen if self._spans(chosen) and is_nothing(left, self._allowed) else []
        if len(chosen) == _MOST_PARTS:
            return []
        for part in rest:
            if self._trials == 0:
                return []
            if part.found.elements > left.elements:
                continue
            if part.sums.square > left.square + self._allowed.square:
                continue
            self._trials -= 1
            if found := self.completed([*chosen, part], copy(rest)):
                return found
        return []

    def _spans(self, chosen: list[_Part]) -> bool:
        low = min(part.found.low for part in chosen)
        high = max(part.found.high for part in chosen)
        whole, slack = self._whole, self._slack
        return abs(low - whole.low) <= slack and abs(high - whole.high) <= slack
