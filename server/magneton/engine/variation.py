"""How one side's operator is called as the other side calls its own."""

from __future__ import annotations

import math

from magneton_agent.schema.messages import Laid, ReplayItem, Vary
from magneton_agent.schema.recording import Operator, Recording, Value

from ..analysis.diagnosis.facts import Difference
from ..analysis.diagnosis.operands import INDEX, argument_of

_BUDGET_S = 2.0  # of one measurement, at most: many updates of a sensor


def variation(
    difference: Difference,
    operators: tuple[Operator, Operator],
    recordings: tuple[Recording, Recording],
) -> Vary:
    """The request that has the first of ``operators`` run with what the second has in place of
    ``difference``."""
    x, y = operators
    arguments: dict[str, str] = {}
    inputs: tuple[Laid | None, ...] = (None,) * len(x.inputs)
    if difference.kind == "argument":
        name = argument_of(difference)
        arguments = {name: y.arguments[name]}
    else:
        pairs = zip(_values(x, recordings[0]), _values(y, recordings[1]), strict=True)
        inputs = tuple(_laid(*pair, difference) for pair in pairs)
        if any(each is not None and each.order for each in inputs):
            # Where a dimension has moved, what names it has moved with it.
            arguments = {name: y.arguments[name] for name in INDEX & y.arguments.keys()}
    return Vary(ReplayItem(x.id, x.name, _BUDGET_S), arguments, inputs)


def _values(operator: Operator, recording: Recording) -> list[Value]:
    return [recording.values[i] for i in operator.inputs]


def _laid(x: Value, y: Value, difference: Difference) -> Laid | None:
    """``x`` as ``y`` is, in the respect in which the sides differ; None where they do not."""
    if difference.kind == "dtype":
        return Laid(y.dtype, x.shape, x.strides) if x.dtype != y.dtype else None
    if (x.shape, x.strides) == (y.shape, y.strides):
        return None
    return Laid(x.dtype, y.shape, y.strides, () if x.shape == y.shape else _order(x, y))


def _order(x: Value, y: Value) -> tuple[int, ...]:
    """The dimensions of ``x`` in the order in which they make up ``y``, whose last one is one of
    them and the others of it in a row; empty where that cannot be told from the sizes."""
    if math.prod(x.shape) != math.prod(y.shape) or not y.shape:
        return ()
    last = [number for number, size in enumerate(x.shape) if size == y.shape[-1]]
    if len(last) != 1:
        return ()
    return (*(number for number in range(len(x.shape)) if number != last[0]), last[0])
