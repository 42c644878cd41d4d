"""Which knobs can do anything for a recorded step, and what trying one has shown."""

from __future__ import annotations

import functools
import math
from fnmatch import fnmatchcase

from magneton_agent.schema.knobs import KNOBS, Knob, threads
from magneton_agent.schema.messages import Loaded
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Outputs
from magneton_agent.schema.what_if import KnobClass

from .statistics import Interval

_NAMESPACE = "aten::"


def applicable(recording: Recording, loaded: Loaded) -> tuple[Knob, ...]:
    """The knobs of the table that can change this step and that it does not set itself."""
    counts = {1, loaded.cpus // 2, loaded.cpus} - {0, loaded.threads}
    known = (*KNOBS, *map(threads, sorted(counts)))
    return tuple(knob for knob in known if _applies(knob, recording, loaded))


def _applies(knob: Knob, recording: Recording, loaded: Loaded) -> bool:
    if ("cpu" if loaded.device == "cpu" else "cuda") not in knob.devices:
        return False
    phases = {operator.phase for operator in recording.operators}
    if not phases.issuperset(knob.within) or not phases.isdisjoint(knob.without):
        return False
    if any(name not in recording.settings for name in knob.settings):
        return False  # this torch does not have it
    if knob.settings and all(recording.settings[n] == v for n, v in knob.settings.items()):
        return False
    names = {operator.name.removeprefix(_NAMESPACE) for operator in recording.operators}
    return not knob.operators or any(_is_one_of(name, knob.operators) for name in names)


@functools.cache
def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


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
