"""Work that one side repeats: what belongs together, and what it costs beyond the first time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Origin, Recording

from .cost import SideCost
from .repeats import agree_in_values, only_looks, repeats_of
from .unions import Unions


@dataclass(frozen=True)
class Repetition:
    """Operators that hang together and each compute again what was computed already.

    ``classes`` hold the ids of operators that compute the same values, in execution order. What
    the same lines repeat with other values, as each layer may for itself, is in it too.
    """

    classes: tuple[tuple[int, ...], ...]

    @property
    def operators(self) -> tuple[int, ...]:
        """All of them, ascending."""
        return tuple(sorted(i for found in self.classes for i in found))

    @property
    def superfluous(self) -> tuple[int, ...]:
        """All but the first of every class, ascending."""
        return tuple(sorted(i for found in self.classes for i in found[1:]))


def repetitions_of(recording: Recording) -> tuple[Repetition, ...]:
    """What the step computes more than once, in order of appearance. Linear in its operators."""
    found: dict[frozenset[tuple[str, int]], list[tuple[int, ...]]] = {}
    for classes in _connected(recording, repeats_of(recording)):
        found.setdefault(_signature(recording, classes), []).extend(classes)
    return tuple(Repetition(tuple(classes)) for classes in found.values())


def saving_of(repetition: Repetition, cost: SideCost) -> Quantity:
    """Energy (J a step) of all that need not run."""
    return cost.energy_of(repetition.superfluous).scaled(cost.to_whole_steps)


def costly(
    repetitions: Sequence[Repetition], cost: SideCost, share: float
) -> tuple[Repetition, ...]:
    """Those that surely cost ``share`` of the step or more."""
    least_j = share * cost.energy_j.value
    return tuple(each for each in repetitions if saving_of(each, cost).low >= least_j)


def instances_of(recording: Recording, repetition: Repetition) -> tuple[tuple[int, ...], ...]:
    """The superfluous operators, those together that hand values to one another: one for each
    time, in execution order."""
    chosen = repetition.superfluous
    place = {operator: number for number, operator in enumerate(chosen)}
    unions = Unions(len(chosen))
    for reader, sources in _sources(recording, frozenset(chosen)).items():
        for source in sources:
            unions.join(place[reader], place[source])
    return tuple(tuple(chosen[i] for i in members) for members in unions.sets())


def alike(recording: Recording, repetition: Repetition, operator: int) -> Repetition:
    """The part of ``repetition`` that the lines of ``operator`` do, with whatever values."""
    own = next(found for found in repetition.classes if operator in found)
    wanted = _signature(recording, [own])
    return Repetition(
        tuple(each for each in repetition.classes if _signature(recording, [each]) == wanted)
    )


def times_in(other: Recording, recording: Recording, operator: int) -> int:
    """How often the ``other`` side's step computes what ``operator`` of ``recording`` does."""
    own = recording.operators[operator]
    return sum(
        each.name == own.name
        and len(each.outputs) == len(own.outputs)
        and all(
            agree_in_values(recording.values, recording.values[x], other.values, other.values[y])
            for x, y in zip(own.outputs, each.outputs, strict=True)
        )
        for each in other.operators
    )


def origins(recording: Recording, repetition: Repetition) -> frozenset[Origin]:
    """Where the tensors come from that the repeated operators start from; empty where they read
    none but their own."""
    values, chosen = recording.values, frozenset(repetition.operators)
    own: set[int] = set()
    source: dict[int, int] = {}  # of a view: what it shows
    found: set[Origin] = set()
    for operator in recording.operators:
        read = [source.get(value, value) for value in operator.inputs]
        if operator.id in chosen:
            own.update(operator.outputs)
            found.update(values[i].origin for i in read if i not in own)
        elif only_looks(operator, values):
            source.update(dict.fromkeys(operator.outputs, read[0]) if read else {})
    return frozenset(found)


def _connected(
    recording: Recording, classes: Sequence[tuple[int, ...]]
) -> list[list[tuple[int, ...]]]:
    """Classes of which one feeds the other, together."""
    class_of = {operator: number for number, found in enumerate(classes) for operator in found}
    unions = Unions(len(classes))
    for reader, sources in _sources(recording, frozenset(class_of)).items():
        for source in sources:
            unions.join(class_of[reader], class_of[source])
    return [[classes[i] for i in members] for members in unions.sets()]


def _sources(recording: Recording, chosen: frozenset[int]) -> dict[int, set[int]]:
    """For every one of ``chosen`` those whose results it reads, directly or through views."""
    made_by: dict[int, tuple[int, ...]] = {}
    found: dict[int, set[int]] = {}
    for operator in recording.operators:
        seen = {source for value in operator.inputs for source in made_by.get(value, ())}
        if operator.id in chosen:
            found[operator.id] = seen
            made_by.update(dict.fromkeys(operator.outputs, (operator.id,)))
        elif seen and only_looks(operator, recording.values):
            for value in operator.outputs:
                made_by.setdefault(value, tuple(seen))
    return found


def _signature(
    recording: Recording, classes: Sequence[tuple[int, ...]]
) -> frozenset[tuple[str, int]]:
    operators = (recording.operators[i] for found in classes for i in found)
    return frozenset((operator.name, operator.stack) for operator in operators)
