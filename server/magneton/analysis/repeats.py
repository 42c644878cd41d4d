"""Which operators of one side compute what was computed already.

Value numbering in execution order: the same operator with the same arguments on equal values gives
equal values. What it read must not have been written in between, which makes another value of it,
and what it gave must agree in type, layout and sketch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from magneton_agent.schema.collectives import exchanges
from magneton_agent.schema.recording import Operator, Recording, Value

from .sketches import CLOSE, EXACT, agree, features

Number = tuple[int, int]
"""Of a value: its operator's class and its place among the results; a value of no class has a
negative number of its own."""


def repeats_of(recording: Recording) -> tuple[tuple[int, ...], ...]:
    """Ids of operators that compute the same values: two or more a class, in execution order.

    Only work of the forward pass counts that one result could serve instead: nothing that draws
    random numbers, exchanges data with other ranks (all of them must take part as often), gives
    memory that was never written, only looks at memory in another way, or gives what is
    overwritten later or handed out of the step.
    """
    classes = _Numbering(recording).classes()
    return _kept(recording, [found for found in classes if len(found) > 1])


def written_storages(operator: Operator, values: tuple[Value, ...]) -> frozenset[int]:
    """The storages of its arguments that ``operator`` wrote to."""
    before = {values[i].storage: values[i].version for i in operator.inputs}
    return frozenset(
        values[i].storage
        for i in operator.outputs
        if before.get(values[i].storage, values[i].version) < values[i].version
    )


def only_looks(operator: Operator, values: tuple[Value, ...]) -> bool:
    """Whether all that ``operator`` gives is memory of its arguments, unchanged: views are free."""
    read = {(values[i].storage, values[i].version) for i in operator.inputs}
    return all((values[i].storage, values[i].version) in read for i in operator.outputs)


@dataclass
class _Numbering:
    recording: Recording
    _numbers: dict[int, Number] = field(default_factory=dict)
    _classes: dict[tuple[object, ...], int] = field(default_factory=dict)
    _members: list[list[int]] = field(default_factory=list)

    def classes(self) -> list[list[int]]:
        """The operators by class; those that only look at memory are numbered, but in none."""
        values = self.recording.values
        for operator in self.recording.operators:
            own = self._class(operator)
            if own is None:
                continue
            for place, value in enumerate(operator.outputs):
                self._numbers.setdefault(value, (own, place))
            if not only_looks(operator, values):
                self._members[own].append(operator.id)
        return self._members

    def _class(self, operator: Operator) -> int | None:
        """The class of an operator that can have equals; a new one where it is the first."""
        if operator.phase != "forward" or operator.random or not operator.outputs:
            return None
        if exchanges(operator.name):
            return None
        inputs = tuple([self._numbers.get(i, (-1 - i, 0)) for i in operator.inputs])
        key = (operator.name, tuple(sorted(operator.arguments.items())), inputs)
        own = self._classes.setdefault(key, len(self._members))
        if own == len(self._members):
            self._members.append([])
        first = self._members[own][0] if self._members[own] else None
        if first is not None and not self._equal(self.recording.operators[first], operator):
            return None
        return own if _all_known(self.recording, operator) else None

    def _equal(self, first: Operator, again: Operator) -> bool:
        values = self.recording.values
        return len(first.outputs) == len(again.outputs) and all(
            _alike(values, values[i], values[j])
            for i, j in zip(first.outputs, again.outputs, strict=True)
        )


def _all_known(recording: Recording, operator: Operator) -> bool:
    """Whether all results were written and looked at: fresh memory holds anything."""
    values = recording.values
    return all(values[values[i].group].sketch is not None for i in operator.outputs)


def _alike(values: tuple[Value, ...], first: Value, again: Value) -> bool:
    same = (first.shape, first.strides, first.dtype) == (again.shape, again.strides, again.dtype)
    return same and agree_in_values(values, first, values, again)


def agree_in_values(
    values: tuple[Value, ...], first: Value, others: tuple[Value, ...], again: Value
) -> bool:
    """Whether two values, the second among ``others``, have equal elements as far as is known."""
    sketches = values[first.group].sketch, others[again.group].sketch
    if sketches[0] == sketches[1]:
        return True  # also infinities, of which equal work is all that can be told
    a, b = (features(sketch, first.kind) for sketch in sketches)
    tolerance = CLOSE if first.kind in ("float", "complex") else EXACT
    return a is not None and b is not None and agree(a, b, tolerance)


def _kept(recording: Recording, classes: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """The classes without the operators whose results need memory of their own: the step returns
    it, or something that is not repeated overwrites it.

    An accumulator that starts from zeros needs them fresh every time; a mask that is filled in
    place the same way every time does not.
    """
    values = recording.values
    returned = {values[i].storage for i in recording.outputs}
    writers = dict(_writers(recording))
    while True:
        repeated = {i for found in classes for i in found}
        spoiled = returned.union(
            *(storages for number, storages in writers.items() if number not in repeated)
        )
        kept = [
            [i for i in found if not spoiled.intersection(_given(recording.operators[i], values))]
            for found in classes
        ]
        kept = [found for found in kept if len(found) > 1]
        if kept == classes:
            return tuple(map(tuple, kept))
        classes = kept


def _writers(recording: Recording) -> Iterator[tuple[int, frozenset[int]]]:
    values = recording.values
    for operator in recording.operators:
        # What was written has been there before, which is seldom so: no need to look closer.
        if any(values[i].version for i in operator.outputs) and (
            storages := written_storages(operator, values)
        ):
            yield operator.id, storages


def _given(operator: Operator, values: tuple[Value, ...]) -> Iterable[int]:
    return (values[i].storage for i in operator.outputs)
