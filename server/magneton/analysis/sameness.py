"""Which operators do the very same work: of either side, on operands laid out alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import starmap

from magneton_agent.schema.recording import Operator, Recording, Value

from .repeats import only_looks
from .settings import by_variant

Key = tuple[object, ...]
_NUMBER = "other"  # of an operator of two: where other arguments are numbers it may do less


def keys_of(recording: Recording) -> tuple[Key, ...]:
    """What decides an operator's energy, by operator: those with equal keys do the same work."""
    settings = [tuple(sorted(each.items())) for each in by_variant(recording)]
    laid_out = [_laid_out(each) for each in recording.values]
    return tuple(
        (
            operator.name,
            tuple([laid_out[value] for value in operator.inputs]),
            _shared(operator, recording.values),
            tuple(operator.arguments.items()),
            settings[operator.settings],
        )
        for operator in recording.operators
    )


def same_work(
    recordings: tuple[Recording, Recording], operators: tuple[Sequence[int], Sequence[int]]
) -> bool:
    """Whether operators of two recordings do the very same work, in order; also where one side has
    a number and the other a tensor without dimensions, which torch makes of it."""
    works = [
        [(keys[i], recording.operators[i], recording.values) for i in chosen]
        for recording, keys, chosen in zip(
            recordings, map(keys_of, recordings), operators, strict=True
        )
    ]
    return len(works[0]) == len(works[1]) and all(
        starmap(_does_the_same, zip(works[0], works[1], strict=True))
    )


def but_views(recording: Recording, operators: Sequence[int]) -> tuple[int, ...]:
    """``operators`` without those that only look at memory in another way."""
    return tuple(i for i in operators if not only_looks(recording.operators[i], recording.values))


_Work = tuple[Key, Operator, Sequence[Value]]


def _does_the_same(x: _Work, y: _Work) -> bool:
    return x[0] == y[0] or _without_numbers(x, y) == _without_numbers(y, x)


def _without_numbers(work: _Work, other: _Work) -> Key:
    """The key with what is a number counted instead of told, and what it makes of that."""
    (name, _, _, _, settings), operator, values = work
    arrays = tuple(i for i in operator.inputs if values[i].shape)
    arguments = operator.arguments
    own = {key: arguments[key] for key in arguments if key in other[1].arguments or key != _NUMBER}
    numbers = len(operator.inputs) - len(arrays) + len(arguments) - len(own)
    shared = _shared(replace(operator, inputs=arrays), values)
    return (
        *(name, settings, numbers, tuple(own.items()), shared),
        tuple(_laid_out(values[i]) for i in arrays),
        tuple(values[i].dtype for i in operator.outputs),
    )


def _laid_out(value: Value) -> Key:
    return value.dtype, value.shape, value.strides


def _shared(operator: Operator, values: Sequence[Value]) -> tuple[int, ...]:
    """Which inputs are the same memory: by input the first one that shares it."""
    storages = [values[value].storage for value in operator.inputs]
    return tuple(storages.index(storage) for storage in storages)
