"""How one side's operator is called as the other side calls its own."""

from __future__ import annotations

from magneton_agent.schema.messages import Laid, ReplayItem, Vary
from magneton_agent.schema.recording import Operator, Recording, Value

from ..analysis.diagnosis.facts import Difference
from ..analysis.diagnosis.operands import argument_of

_BUDGET_S = 0.6  # of one measurement: some updates of a sensor


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
    return Vary(ReplayItem(x.id, x.name, _BUDGET_S), arguments, inputs)


def _values(operator: Operator, recording: Recording) -> list[Value]:
    return [recording.values[i] for i in operator.inputs]


def _laid(x: Value, y: Value, difference: Difference) -> Laid | None:
    """``x`` as ``y`` is, in the respect in which the sides differ; None where they do not."""
    if difference.kind == "dtype":
        return Laid(y.dtype, x.shape, x.strides) if x.dtype != y.dtype else None
    if (x.shape, x.strides) == (y.shape, y.strides):
        return None
    return Laid(x.dtype, y.shape, y.strides)
