"""Which operators do the very same work: of either side, on operands laid out alike."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.recording import Operator, Recording, Value

from .repeats import only_looks
from .settings import by_variant

Key = tuple[object, ...]


def keys_of(recording: Recording) -> tuple[Key, ...]:
    """What decides an operator's energy, by operator: those with equal keys do the same work."""
    settings = [tuple(sorted(each.items())) for each in by_variant(recording)]
    laid_out = [(each.dtype, each.shape, each.strides) for each in recording.values]
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


def but_views(recording: Recording, operators: Sequence[int]) -> tuple[int, ...]:
    """``operators`` without those that only look at memory in another way."""
    return tuple(i for i in operators if not only_looks(recording.operators[i], recording.values))


def _shared(operator: Operator, values: Sequence[Value]) -> tuple[int, ...]:
    """Which inputs are the same memory: by input the first one that shares it."""
    storages = [values[value].storage for value in operator.inputs]
    return tuple(storages.index(storage) for storage in storages)
