"""A difference that comes from the two processes, not from the two programs."""

from __future__ import annotations

import math

from . import operands, settings
from .facts import Facts


def is_unfounded(facts: Facts) -> bool:
    """Of sides that run the same operators: whether all that differs between them was tried, and
    moves less than half of their difference, and surely not all of it. The lot of a process (on
    which CPU its threads settle, where its memory lands) can repeat itself in a second one."""
    differing = [
        *settings.differences(facts.wasteful, facts.efficient),
        *operands.differences(facts.wasteful, facts.efficient),
    ]
    told = [
        each.effect
        for each in facts.tried
        if each.effect is not None and each.effect.difference is None
    ]
    if not facts.same_operators or not differing or len(told) < len(differing):
        return False
    moved, most = (
        math.prod(max(1.0, each) for each in every)
        for every in ([e.ratio.value for e in told], [e.ratio.high for e in told])
    )
    expected = [each.expected for each in told]
    return moved**2 < min(e.value for e in expected) and most < min(e.low for e in expected)
