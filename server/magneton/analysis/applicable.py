"""Which knobs can do anything for a recorded step. Each that is tried takes a pair of processes and
widens the intervals of all others, so what cannot change the step is left out."""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase

from magneton_agent.schema.knob_table import KNOBS, threads
from magneton_agent.schema.knobs import Knob
from magneton_agent.schema.messages import Loaded
from magneton_agent.schema.recording import Operator, Recording, Value

_NAMESPACE = "aten::"
_CHANNELS_LAST = (1, 3, 2, 0)
"""The dimensions of an image's tensor, those that lie closest in memory first."""


def applicable(recording: Recording, loaded: Loaded) -> tuple[Knob, ...]:
    """The knobs of the table that can change this step and that are not in force in it."""
    counts = {1, loaded.cpus // 2, loaded.cpus} - {0, loaded.threads}
    known = (*KNOBS, *map(threads, sorted(counts)))
    device = "cpu" if loaded.device == "cpu" else "cuda"
    return tuple(knob for knob in known if device in knob.devices and _applies(knob, recording))


def _applies(knob: Knob, recording: Recording) -> bool:
    phases = {operator.phase for operator in recording.operators}
    if not phases.issuperset(knob.within) or not phases.isdisjoint(knob.without):
        return False
    if not knob.settings.keys() <= recording.settings.keys():
        return False  # this torch does not have it
    if knob.conversion == "compile" and recording.compiled:
        return False
    scope = [each for each in recording.operators if not knob.within or each.phase in knob.within]
    if any(_is_one_of(each.name, knob.done_by) for each in scope):
        return False
    return any(_changes(knob, recording, each) for each in scope)


def _changes(knob: Knob, recording: Recording, operator: Operator) -> bool:
    """Whether ``operator`` would be run another way with ``knob``."""
    if knob.operators and not _is_one_of(operator.name, knob.operators):
        return False
    operands = [recording.values[each] for each in operator.inputs]
    # The first one is what is computed with; others may be sums, kept in float32 in any case.
    if knob.dtypes and not any(each.dtype in knob.dtypes for each in operands[:1]):
        return False
    if knob.conversion == "channels-last":
        return any(len(each.shape) == 4 and not _is_channels_last(each) for each in operands)
    settings = recording.settings_at(operator)
    if any(settings.get(name) == value for name, value in knob.moot.items()):
        return False
    return not knob.settings or any(settings[n] != value for n, value in knob.settings.items())


def _is_channels_last(value: Value) -> bool:
    """Whether an image's channels lie side by side; a dimension of one element has no order."""
    expected = 1
    for dimension in _CHANNELS_LAST:
        if value.shape[dimension] == 1:
            continue
        if value.strides[dimension] != expected:
            return False
        expected *= value.shape[dimension]
    return True


@functools.cache
def _is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.removeprefix(_NAMESPACE), each) for each in patterns)
