"""Operators of one side only that change no element: what they give is what they read, reordered.

A flip, a roll, a gather by a permutation, a product with 1. A sketch cannot tell their result
from what they read. Where both sides do it, both values have partners, and context has told them
apart. Where one side does it, one of the two values is left over: it then is the other's copy,
and the operator moves data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .context import Pairs
from .flow import Flow
from .joining import joined
from .sketches import EXACT, Features, agree, is_distinctive

# Sums of the same float32 elements in another order were within 2e-7 of the rms.
_MOMENT, _HIGHER = 1e-6, 1e-5


def without_rearranging(flow: Flow, matched: Pairs) -> Flow:
    """``flow`` with the groups joined of which one repeats the other's elements and one has no
    partner in ``matched``. The joined group bears the number of the matched one."""
    name: dict[int, int] = {}
    for operator in _open_operators(flow, matched):
        for written, read in _repeats(flow, operator):
            group, source = name.get(written, written), name.get(read, read)
            if group in matched and source in matched:
                continue
            kept, other = (group, source) if group in matched else (source, group)
            name = {each: kept if now == other else now for each, now in name.items()}
            name[other] = kept
    return joined(flow, name) if name else flow


def _open_operators(flow: Flow, matched: Pairs) -> list[int]:
    """Those that make or read a computed value without a partner, in execution order."""
    found: set[int] = set()
    for group, producer in flow.producer.items():
        if group not in matched:
            found.add(producer)
            found.update(flow.consumers.get(group, ()))
    return sorted(found)


def _repeats(flow: Flow, operator: int) -> list[tuple[int, int]]:
    """(group written, group read) with the same elements; empty if anything else that the
    operator gave is used."""
    read, written = flow.reads[operator], flow.writes[operator]
    kept = [group for group in written if group in flow.consumers or group in flow.positions]
    found = []
    for group in kept or written:
        own = flow.features.get(group)
        source = _source(own, read, flow.features) if own is not None else None
        if source is None:
            return []
        found.append((group, source))
    return found


def _source(own: Features, read: Sequence[int], features: dict[int, Features]) -> int | None:
    if not is_distinctive(own):
        return None
    for group in read:
        other = features.get(group)
        if other is not None and _same_elements(own, other):
            return group
    return None


def _same_elements(a: Features, b: Features) -> bool:
    if a.kind == "int":
        return agree(a, b, EXACT)
    if (a.low, a.high, a.elements, a.kind) != (b.low, b.high, b.elements, b.kind):
        return False
    moment = _MOMENT * a.rms
    return (
        abs(a.rms - b.rms) <= moment
        and abs(a.mean - b.mean) <= moment
        and abs(a.absolute - b.absolute) <= moment
        and abs(a.fourth - b.fourth) <= _HIGHER * a.fourth
        and abs(a.cube - b.cube) <= _HIGHER * a.rms * math.sqrt(a.fourth)
    )
