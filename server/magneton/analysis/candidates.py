"""Which values of A could be which values of B, by their sketches alone."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .flow import Flow
from .sketches import CLOSE, DRIFTED, EXACT, REDUCED, ROUNDED, Features, Tolerance, agree, bucket
from .unions import Unions

Allowed = Callable[[int, int], Tolerance | None]
"""The tolerance for a pair of groups; None where this pass does not consider the pair."""

_Index = defaultdict[tuple[int, str], defaultdict[int, list[tuple[float, int]]]]
"""(elements, kind) -> bucket -> (largest element, number of the class), ascending."""


@dataclass(frozen=True)
class Candidates:
    """Groups of A and of B whose sketches agree, directly or through others of the set.

    Where both have one member, that is a pair; otherwise context decides. Both ascend.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]


def close_tolerance(a: Flow) -> Allowed:
    """Every pair, at full precision."""

    def allowed(group_a: int, group_b: int) -> Tolerance:
        return EXACT if a.features[group_a].kind in ("int", "bool") else CLOSE

    return allowed


def loose_tolerance(a: Flow, b: Flow) -> Allowed:
    """Pairs of which one side at least was computed or stored in a 16-bit type, or both after the
    forward pass."""

    def allowed(group_a: int, group_b: int) -> Tolerance | None:
        if a.features[group_a].kind in ("int", "bool"):
            return None
        if group_a in a.reduced or group_b in b.reduced:
            stored = group_a not in a.producer and group_b not in b.producer
            return ROUNDED if stored else REDUCED
        return DRIFTED if group_a in a.drifted and group_b in b.drifted else None

    return allowed


def candidates(
    a: Flow,
    b: Flow,
    open_a: Iterable[int],
    open_b: Iterable[int],
    allowed: Allowed,
    width: Tolerance,
) -> list[Candidates]:
    """The sets of groups among ``open_a`` and ``open_b`` that may be the same values.

    ``width`` is the largest tolerance that ``allowed`` answers.
    """
    classes_a, classes_b = _classes(a, open_a), _classes(b, open_b)
    index = _index(b, classes_b, width)
    split = len(classes_a)
    unions = Unions(split + len(classes_b))
    for i, members in enumerate(classes_a):
        found = a.features[members[0]]
        for j in _nearby(index, found, width):
            other = classes_b[j][0]
            tolerance = allowed(members[0], other)
            if tolerance is not None and agree(found, b.features[other], tolerance):
                unions.join(i, split + j)
    return _two_sided(unions, classes_a, classes_b)


def _classes(flow: Flow, groups: Iterable[int]) -> list[list[int]]:
    """``groups`` by equal features and equal treatment: one comparison then serves them all."""
    classes: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    producer, reduced, drifted = flow.producer, flow.reduced, flow.drifted
    for group in groups:
        if (found := flow.features.get(group)) is not None:
            classes[found, group in producer, group in reduced, group in drifted].append(group)
    return list(classes.values())


def _index(flow: Flow, classes: list[list[int]], width: Tolerance) -> _Index:
    index: _Index = defaultdict(lambda: defaultdict(list))
    for number, members in enumerate(classes):
        found = flow.features[members[0]]
        buckets = index[found.elements, found.kind]
        buckets[bucket(found, width)].append((found.high, number))
    for buckets in index.values():
        for entries in buckets.values():
            entries.sort()
    return index


def _nearby(index: _Index, found: Features, width: Tolerance) -> Iterator[int]:
    """Classes in the same bucket or the next ones, of about the same largest element."""
    if (buckets := index.get((found.elements, found.kind))) is None:
        return
    place = bucket(found, width)
    for neighbour in (place - 1, place, place + 1):
        if neighbour not in buckets:
            continue
        # Twice: the tolerance is relative to the larger of the two.
        slack = 2 * width.extreme * max(found.rms, abs(found.high))
        entries = buckets[neighbour]
        for position in range(bisect_left(entries, (found.high - slack, 0)), len(entries)):
            high, number = entries[position]
            if high > found.high + slack:
                break
            yield number


def _two_sided(
    unions: Unions, classes_a: list[list[int]], classes_b: list[list[int]]
) -> list[Candidates]:
    split = len(classes_a)
    found = []
    for members in unions.sets():
        if len(members) == 2 and members[0] < split <= members[1]:  # as most are
            a, b = classes_a[members[0]], classes_b[members[1] - split]
            found.append(Candidates(tuple(a), tuple(b)))
        elif members[0] < split <= members[-1]:
            a = sorted([group for i in members if i < split for group in classes_a[i]])
            b = sorted([group for i in members if i >= split for group in classes_b[i - split]])
            found.append(Candidates(tuple(a), tuple(b)))
    return sorted(found, key=lambda candidate: candidate.a[0])
