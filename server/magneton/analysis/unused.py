"""Operators of a backward pass whose results nothing reads: gradients of what nobody trains.

Of a forward pass that cannot be told: what it gives may be kept for later.
"""

from __future__ import annotations

from collections.abc import Iterable

from magneton_agent.schema.recording import Operator, Phase, Recording

from .repeats import written_storages

PHASE: Phase = "backward"


def unused(recording: Recording, unmatched: Iterable[int]) -> tuple[int, ...]:
    """Those of ``unmatched`` operators, ascending, that run in the backward pass and whose results
    reach none of the others, nor the step's outputs, and that write to no memory there is."""
    chosen = {i for i in unmatched if recording.operators[i].phase == PHASE}
    wanted = set(recording.outputs)
    found = []
    for operator in reversed(recording.operators):
        if operator.id in chosen and _is_idle(operator, recording, wanted):
            found.append(operator.id)
        else:
            wanted.update(operator.inputs)
    return tuple(reversed(found))


def _is_idle(operator: Operator, recording: Recording, wanted: set[int]) -> bool:
    """Whether nothing after it needs the operator; one without results gives the host something."""
    if not operator.outputs or not wanted.isdisjoint(operator.outputs):
        return False
    return not written_storages(operator, recording.values)
