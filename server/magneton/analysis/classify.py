"""Which groups of regions differ in energy, and whether the cheaper side is faster or slower."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from magneton_agent.schema.deciding import deciding
from magneton_agent.schema.judging import Resolvable, Thresholds
from magneton_agent.schema.quantity import Absent, Quantity
from magneton_agent.schema.result import Class, Finding, SideName, Verdict

from .cost import SideCost
from .grouping import Group
from .statistics import CONFIDENCE, Interval, ratio_interval
from .stopping import within

_FOUR_IN_FIVE = 1.4  # half widths: (t(0.975) + t(0.8)) / t(0.975)


@dataclass(frozen=True)
class Judged:
    """A group with its class. ``energy_ratio`` is a / b; ``wasteful`` is None without a finding.

    ``saving_j`` is the wasteful side's energy less the other's, a step. ``undecided`` marks an
    unresolved group that would be a finding if its interval were narrower.
    """

    group: Group
    class_: Class
    wasteful: SideName | None
    energy_ratio: Interval
    time_ratio: Interval
    saving_j: Quantity
    undecided: bool


def judge(
    groups: Sequence[Group],
    a: SideCost,
    b: SideCost,
    thresholds: Thresholds,
    error: float = 1 - CONFIDENCE,
) -> tuple[Judged, ...]:
    """Classify every group.

    The intervals that decide are widened for the number of groups that are looked at
    (Bonferroni), so that many equal regions do not make one of them seem to differ in more than
    ``error`` of all runs: 5 %, or the part of that which this look may spend. Where both
    sides do the very same work, a difference is never a finding: fresh memory or a cold cache on
    one side is no choice of its program.
    """
    shares = [
        max(_share(group.a, a), _share(group.b, b)) for group in groups if not group.same_work
    ]
    looked_at = sum(share >= thresholds.region for share in shares) or 1
    confidence = 1 - error / looked_at
    return tuple(_judge(group, a, b, thresholds, confidence) for group in groups)


def confirmed(first: Sequence[Judged], again: Sequence[Judged]) -> tuple[Judged, ...]:
    """``first``, where a second look at fresh processes found the same wasteful side; what did
    not repeat is unresolved."""
    return tuple(
        one if one.wasteful == other.wasteful else unresolved(one)
        for one, other in zip(first, again, strict=True)
    )


def unresolved(judged: Judged) -> Judged:
    """``judged``, without a wasteful side."""
    saving_j = judged.saving_j.scaled(0.0)
    return replace(judged, class_="unresolved", wasteful=None, saving_j=saving_j)


def _judge(
    group: Group, a: SideCost, b: SideCost, thresholds: Thresholds, confidence: float
) -> Judged:
    energy = _doubted(_ratio(group, a, b, (a.power_w, b.power_w), confidence), group, a, b)
    ones = ((1.0,) * len(a.power_w), (1.0,) * len(b.power_w))
    time = _ratio(group, a, b, ones, confidence)
    beyond = 1 / (1 - thresholds.energy)
    wasteful: SideName | None = None
    class_: Class = "unresolved"
    large_a, large_b = (
        not group.same_work and _share(*side) >= thresholds.region
        for side in ((group.a, a), (group.b, b))
    )
    if energy.low > beyond and large_a:
        wasteful, class_ = "a", _quadrant(1 / time.high, 1 / time.low, thresholds.time)
    elif energy.high < 1 / beyond and large_b:
        wasteful, class_ = "b", _quadrant(time.low, time.high, thresholds.time)
    elif 1 / beyond <= energy.low and energy.high <= beyond:
        class_ = "equal"
    saving = _saving(group, a, b, energy, wasteful)
    seems = (energy.value > beyond and large_a) or (energy.value < 1 / beyond and large_b)
    undecided = class_ == "unresolved" and seems
    return Judged(group, class_, wasteful, energy, time, saving, undecided)


def _quadrant(low: float, high: float, threshold: float) -> Class:
    """From the efficient side's time over the wasteful one's."""
    if high < 1 - threshold:
        return "performance"
    return "trade-off" if low > 1 + threshold else "waste"


def _ratio(
    group: Group,
    a: SideCost,
    b: SideCost,
    weights: tuple[Sequence[float], Sequence[float]],
    confidence: float,
) -> Interval:
    return ratio_interval(
        a.blocks_of(group.a, weights[0]), b.blocks_of(group.b, weights[1]), confidence
    )


def _doubted(ratio: Interval, group: Group, a: SideCost, b: SideCost) -> Interval:
    """``ratio`` with what replaying, or the device's coefficients, may be wrong by."""
    doubt = 1 + math.hypot(a.error_of(group.a), b.error_of(group.b))
    return Interval(ratio.value, ratio.low / doubt, ratio.high * doubt)


def _share(operators: Sequence[int], cost: SideCost) -> float:
    """The operators' share of their side's step."""
    return cost.energy_of(operators).value / cost.energy_j.value


def _saving(
    group: Group, a: SideCost, b: SideCost, ratio: Interval, wasteful: SideName | None
) -> Quantity:
    """Joules a step: the wasteful side's energy times 1 - 1 / ratio."""
    source = a.operators_j.source
    if wasteful is None:
        return Quantity(0.0, 0.0, 0.0, source)
    energy = (a if wasteful == "a" else b).energy_of(group.a if wasteful == "a" else group.b)
    value, low, high = (
        (1 - 1 / ratio.value, 1 - 1 / ratio.low, 1 - 1 / ratio.high)
        if wasteful == "a"
        else (1 - ratio.value, 1 - ratio.high, 1 - ratio.low)
    )
    return Quantity(energy.value * value, energy.low * low, energy.high * high, source)


def verdict(
    outputs_equal: bool | None, findings: Sequence[Finding], step_ratio: Interval, threshold: float
) -> Verdict:
    """One word for the comparison: the class of the finding that decides. ``step_ratio`` is the
    whole steps' energy, a / b."""
    if outputs_equal is False:
        return "different"
    if (found := deciding(findings, threshold)) is not None:
        return found.class_
    settled = within(step_ratio, threshold)
    return "equal" if settled else "unresolved"


def resolvable(step_ratio: Interval, step_a: Quantity) -> Resolvable | Absent:
    """The smallest difference of whole steps that a run with this interval of their ratio would
    have told from none, four times of five."""
    if not 0 < step_ratio.low <= step_ratio.high < math.inf:
        return Absent("there are too few windows to tell")
    half_width = math.log(step_ratio.high / step_ratio.low) / 2
    share = 1 - math.exp(-_FOUR_IN_FIVE * half_width)
    return Resolvable(share, share * step_a.value)
