"""Operators whose results are for nothing: gradients of what nobody trains, and what the other side
does without.

Of a forward pass alone it cannot be told that nothing needs it: what it gives may be kept for
later. Where both sides end in equal outputs, and one of them runs no such thing, it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from magneton_agent.schema.recording import Operator, Phase, Recording

from .repeats import written_storages

PHASE: Phase = "backward"
_BESIDE = 0.1  # of the energy


def unused(recording: Recording, unmatched: Iterable[int]) -> tuple[int, ...]:
    """Those of ``unmatched`` operators, ascending, that run in the backward pass and whose results
    reach none of the others, nor the step's outputs, and that write to no memory that anything else
    reads: gradients may add up from step to step."""
    chosen = {i for i in unmatched if recording.operators[i].phase == PHASE}
    wanted, readers = set(recording.outputs), _readers(recording)
    found = []
    for operator in reversed(recording.operators):
        if operator.id in chosen and _is_idle(operator, recording, wanted, readers):
            found.append(operator.id)
        else:
            wanted.update(operator.inputs)
    return tuple(reversed(found))


def surplus(
    unmatched: tuple[Sequence[int], Sequence[int]], energies_j: tuple[float, float]
) -> tuple[Sequence[int], Sequence[int]]:
    """The ``unmatched`` operators of the side that runs such at ``energies_j`` that the other side
    has next to nothing beside; where both have, they may well do the same work in other ways."""
    a_j, b_j = energies_j
    return (
        unmatched[0] if b_j <= _BESIDE * a_j else (),
        unmatched[1] if a_j <= _BESIDE * b_j else (),
    )


def _readers(recording: Recording) -> Mapping[int, set[int]]:
    """The operators that read of every storage."""
    found: dict[int, set[int]] = {}
    for operator in recording.operators:
        for value in operator.inputs:
            found.setdefault(recording.values[value].storage, set()).add(operator.id)
    return found


def _is_idle(
    operator: Operator, recording: Recording, wanted: set[int], readers: Mapping[int, set[int]]
) -> bool:
    """Whether nothing else needs the operator; one without results gives the host something."""
    if not operator.outputs or not wanted.isdisjoint(operator.outputs):
        return False
    written = written_storages(operator, recording.values)
    return all(readers[storage] <= {operator.id} for storage in written)
