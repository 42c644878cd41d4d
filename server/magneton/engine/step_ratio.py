"""The energy of whole steps of two sides, compared."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..analysis.complete import paired
from ..analysis.cost import SideCost
from ..analysis.modelled import windows_j
from ..analysis.statistics import Interval, ratio_interval
from .series import Series


def step_ratio(series: Sequence[Series], costs: Sequence[SideCost], error: float) -> Interval:
    """Side a's over side b's, from windows of the same rounds, in an interval that is wrong with
    the probability ``error``; wider by what the coefficients of a device may be wrong by, if that
    is where ``costs`` are from, and by what either device may have drawn between steps."""
    a, b = paired(
        *(
            each.windows_j() if cost.modelled is None else windows_j(cost, each.samples)
            for each, cost in zip(series, costs, strict=True)
        )
    )
    found = ratio_interval(a, b, 1 - error)
    doubt = 1 + math.hypot(*(each.modelled.error for each in costs if each.modelled))
    less_a, less_b = (
        1 - each.between_share() if cost.modelled is None else 1.0
        for each, cost in zip(series, costs, strict=True)
    )
    return Interval(found.value, found.low / doubt * less_a, found.high * doubt / less_b)
