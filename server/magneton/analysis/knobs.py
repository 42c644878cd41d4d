"""What trying a knob has shown."""

from __future__ import annotations

import math

from magneton_agent.schema.result import Outputs
from magneton_agent.schema.what_if import KnobClass

from .statistics import Interval


def class_of(energy: Interval, time: Interval, outputs: Outputs | None, least: float) -> KnobClass:
    """What a knob is worth, from the step's energy and time without it over those with it. A saving
    is sure, and at least a share ``least`` of the step; it changes no output by more than 1 % and
    does not take longer. ``outputs`` that were not compared may have changed; None where they are
    of another amount of work, as was asked for."""
    if energy.high < 1:
        return "costlier"
    if energy.low <= 1 or 1 - 1 / energy.value < least:
        return "none"
    changed = outputs is not None and outputs.equal is not True
    return "trade-off" if changed or time.high < 1 else "saving"


def saved(energy: Interval) -> Interval:
    """The share of a step's energy that is saved, from its energy without over that with a knob;
    below none where it costs more, and for want of samples no more than twice what it seems to."""
    value, low, high = (1 - 1 / max(each, 1e-9) for each in (energy.value, energy.low, energy.high))
    return Interval(value, max(low, 2 * min(value, 0.0) - 1), high)


def point(energy: Interval, time: Interval, outputs: Outputs | None) -> tuple[float, float, float]:
    """Energy, time and error of a knob, relative to the step without it; what is within the noise
    is no difference, and an error that is not known may be any. ``outputs`` as in
    :func:`class_of`."""
    error = 0.0
    if outputs is not None and outputs.max_relative_error is not None:
        error = outputs.max_relative_error
    elif outputs is not None and outputs.equal is not True:
        error = math.inf
    return _relative(energy), _relative(time), error


def _relative(ratio: Interval) -> float:
    return 1.0 if ratio.low <= 1 <= ratio.high else 1 / ratio.value
