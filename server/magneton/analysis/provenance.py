"""From an operand that the sides have otherwise back to the operators that made it so."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording, Value

_MOST = 100  # operators on the way
Pair = tuple[int, int]


@dataclass(frozen=True)
class Read:
    """Two operators, one a side, which read values that differ as their ``place``-th input."""

    operators: Pair
    place: int


@dataclass(frozen=True)
class Trail:
    """The operators that an operand went through, the last reader first. ``makers`` are those that
    made it differ: other operators, or the same from operands that are alike, and what computed
    it before it was only moved; none where it came into the step from outside, on either side."""

    reads: tuple[Read, ...]
    makers: tuple[Pair, ...]


def trail(recordings: tuple[Recording, Recording], first: Read) -> Trail:
    """Follow what ``first`` reads back on both sides at once."""
    made_by = [_makers(each) for each in recordings]
    reads = [first]
    while len(reads) < _MOST:
        operators = _operators(recordings, reads[-1].operators)
        values = [each.inputs[reads[-1].place] for each in operators]
        x, y = (found.get(value) for found, value in zip(made_by, values, strict=True))
        if x is None or y is None:
            return Trail(tuple(reads), ())
        place = differing_input(recordings, (x, y))
        if place is None:
            a, b = (
                _computing(recording, found, maker)
                for recording, found, maker in zip(recordings, made_by, (x, y), strict=True)
            )
            return Trail(tuple(reads), tuple(dict.fromkeys(((x, y), (a, b)))))
        reads.append(Read((x, y), place))
    return Trail(tuple(reads), ())


def differing_input(recordings: tuple[Recording, Recording], pair: Pair) -> int | None:
    """The first input that two operators of one name have otherwise; None where they have none, or
    are not of one kind."""
    x, y = _operators(recordings, pair)
    if x.name != y.name or len(x.inputs) != len(y.inputs):
        return None
    for place, (one, other) in enumerate(zip(x.inputs, y.inputs, strict=True)):
        if _looks(recordings[0].values[one]) != _looks(recordings[1].values[other]):
            return place
    return None


def operand(recordings: tuple[Recording, Recording], read: Read) -> tuple[Value, Value]:
    """What both operators read."""
    x, y = _operators(recordings, read.operators)
    a, b = recordings
    return a.values[x.inputs[read.place]], b.values[y.inputs[read.place]]


def _looks(value: Value) -> tuple[object, ...]:
    return value.dtype, value.shape, value.strides


def _operators(recordings: tuple[Recording, Recording], pair: Pair) -> tuple[Operator, Operator]:
    return recordings[0].operators[pair[0]], recordings[1].operators[pair[1]]


def _computing(recording: Recording, made_by: dict[int, int], maker: int) -> int:
    """What computed the value that ``maker`` gave: itself, unless it only moves it."""
    for _ in range(_MOST):
        operator = recording.operators[maker]
        source = made_by.get(operator.inputs[0]) if operator.inputs else None
        if not operator.movement or source is None:
            break
        maker = source
    return maker


def _makers(recording: Recording) -> dict[int, int]:
    """Which operator gave each value; what it was only handed is not its own."""
    found: dict[int, int] = {}
    for operator in recording.operators:
        for value in operator.outputs:
            if value not in operator.inputs:
                found.setdefault(value, operator.id)
    return found
