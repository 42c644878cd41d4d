"""Operators whose results are for nothing: gradients of what nobody trains, and what the other side
does without.

Of a forward pass alone it cannot be told that nothing needs it: what it gives may be kept for
later. Where both sides end in equal outputs, and one of them runs no such thing, it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from magneton_agent.schema.recording import Phase, Recording

from .repeats import written_storages

PHASE: Phase = "backward"
_BESIDE = 0.1  # of the energy


def unused(recording: Recording, unmatched: Iterable[int]) -> tuple[int, ...]:
    """Those of ``unmatched`` operators, ascending, that run in the backward pass and whose results
    reach none of the others, nor the step's outputs, and that write to no memory that anything else
    reads: gradients may add up from step to step."""
    chosen = {i for i in unmatched if recording.operators[i].phase == PHASE}
    readers = _readers(recording)
    found: set[int] | None = None
    while found != chosen:  # what reads what they wrote must be of no use itself
        chosen, found = _idle(recording, chosen, readers), chosen
    return tuple(sorted(chosen))


def _idle(recording: Recording, chosen: set[int], readers: Mapping[int, set[int]]) -> set[int]:
    """Those of ``chosen`` that nothing but such needs, if all of them are of no use."""
    wanted, found = set(recording.outputs), set[int]()
    for operator in reversed(recording.operators):
        written = written_storages(operator, recording.values)
        unread = all(readers[storage] <= chosen for storage in written)
        unwanted = bool(operator.outputs) and wanted.isdisjoint(operator.outputs)
        if operator.id in chosen and unread and unwanted:
            found.add(operator.id)
        else:
            wanted.update(operator.inputs)
    return found


def surplus(
    recording: Recording, unmatched: Sequence[int], energy_j: float, beside_j: float
) -> tuple[int, ...]:
    """The ``unmatched`` operators, which take ``energy_j``, where the other side has next to
    nothing of the kind (``beside_j``): where both have, they may well do the same work in other
    ways. None where they leave anything behind, be it gradients or what they wrote over."""
    if beside_j > _BESIDE * energy_j:
        return ()
    operators = [recording.operators[i] for i in unmatched]
    made = {
        recording.values[i].storage
        for each in recording.operators
        for i in each.outputs
        if recording.values[i].version == 0
    }
    written = (written_storages(each, recording.values) for each in operators)
    leaves = any(each.phase != "forward" for each in operators)
    return () if leaves or any(not each <= made for each in written) else tuple(unmatched)


def _readers(recording: Recording) -> Mapping[int, set[int]]:
    """The operators that read of every storage."""
    found: dict[int, set[int]] = {}
    for operator in recording.operators:
        for value in operator.inputs:
            found.setdefault(recording.values[value].storage, set()).add(operator.id)
    return found
