"""Values that one side makes anew as a whole, each time with a little more, where the other side
makes only what is new: all tokens again for every one that is decoded, against a cache.

What such a value has more than an earlier result of its module adds up to the other side's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterator

from .flow import Flow
from .pairing import Pairing
from .sketches import Features, Tolerance
from .sums import Sums, eligible, is_nothing, margins, sums_of

# The smaller the part, the more of the whole's rounding is in what is left of it: narrower than
# for whole values, of which equal ones were within 2e-7 of the rms.
_ROUNDING = Tolerance(moment=1e-6, higher=4e-6, extreme=5e-5)
_SMALLEST_SHARE = 1 / 256
_EARLIER = 32  # results of one operator in one module that are looked at for one whole


def pair_growth(a: Flow, b: Flow, pairing: Pairing) -> None:
    """Pair values of either side with the part of them that the other side makes, among what has
    no partner; the rest of such a value must be a value that has one."""
    for whole_side, whole_flow, part_flow in ((0, a, b), (1, b, a)):
        of_whole, of_part = (pairing.of_a, pairing.of_b)[:: 1 - 2 * whole_side]
        open_parts = _eligible(part_flow, of_part)
        wholes = _possible(whole_flow, of_whole, open_parts)
        if not wholes:
            continue
        parts = _Parts(open_parts)
        for whole, earlier in _growing(whole_flow, wholes):
            found = whole_flow.features[whole]
            for rest in [group for group in earlier if group in of_whole]:
                part = parts.completing(found, whole_flow.features[rest])
                if part is not None:
                    pairing.add_parts(whole, [part], whole_in_a=whole_side == 0)
                    break


def _eligible(flow: Flow, matched: Collection[int]) -> dict[int, Features]:
    """The results without a partner that may be a whole or a part."""
    open_groups = [group for group in flow.producer if group not in matched]
    return {group: found for group in open_groups if (found := eligible(flow, group)) is not None}


def _possible(flow: Flow, matched: Collection[int], parts: dict[int, Features]) -> set[int]:
    """What may be a whole by its size: that of one of ``parts`` and of a value that has a partner,
    or will have one as a whole itself, together."""
    wholes = _eligible(flow, matched)
    sizes = {found.elements for found in parts.values()}
    rests = {flow.features[group].elements for group in matched if group in flow.features}
    rests |= {found.elements for found in wholes.values()}
    fitting = {
        size
        for size in {found.elements for found in wholes.values()}
        if any(size - part in rests for part in sizes)
    }
    return {group for group, found in wholes.items() if found.elements in fitting}


def _growing(flow: Flow, wholes: Collection[int]) -> Iterator[tuple[int, list[int]]]:
    """``wholes`` in execution order, each with the smaller results that the same operator gave in
    the same module before, the last first."""
    makers = [flow.operators[flow.producer[group]] for group in wholes]
    before: dict[tuple[str, str], deque[tuple[int, int]]] = {
        (operator.name, operator.module): deque(maxlen=_EARLIER) for operator in makers
    }
    for operator in flow.operators:
        if (earlier := before.get((operator.name, operator.module))) is None:
            continue
        for group in flow.writes[operator.id]:
            if (found := eligible(flow, group)) is None:
                continue
            if group in wholes:
                yield group, [each for size, each in earlier if size < found.elements]
            earlier.appendleft((found.elements, group))


class _Parts:
    """What may be the new part, by its number of elements and sum of squares."""

    def __init__(self, parts: dict[int, Features]) -> None:
        self._open = dict(parts)
        self._by_square: dict[int, list[tuple[float, int]]] = {}
        for group, found in parts.items():
            ordered = self._by_square.setdefault(found.elements, [])
            ordered.append((sums_of(found).square, group))
        for ordered in self._by_square.values():
            ordered.sort()

    def completing(self, whole: Features, rest: Features) -> int | None:
        """The first part made that makes up ``whole`` together with ``rest``; it is used up."""
        left = sums_of(whole).less(sums_of(rest))
        if left.elements < _SMALLEST_SHARE * whole.elements:
            return None  # rounding of the whole is too much beside it
        allowed = margins(whole, _ROUNDING)
        ordered = self._by_square.get(left.elements, [])
        fitting = []
        for i in range(bisect_left(ordered, (left.square - allowed.square, -1)), len(ordered)):
            square, group = ordered[i]
            if square > left.square + allowed.square:
                break
            if group in self._open and self._completes(group, whole, rest, left, allowed):
                fitting.append(group)
        found = min(fitting, default=None)
        if found is not None:
            del self._open[found]
        return found

    def _completes(
        self, group: int, whole: Features, rest: Features, left: Sums, allowed: Sums
    ) -> bool:
        part = self._open[group]
        slack = _ROUNDING.extreme * max(whole.rms, abs(whole.low), abs(whole.high))
        return (
            abs(min(part.low, rest.low) - whole.low) <= slack
            and abs(max(part.high, rest.high) - whole.high) <= slack
            and is_nothing(left.less(sums_of(part)), allowed)
        )
