"""The same operators, given something else: a scalar argument, a dtype, a layout."""

from __future__ import annotations

from collections.abc import Iterator

from magneton_agent.schema.recording import Operator
from magneton_agent.schema.result import CauseKind

from .facts import Explanation, Facts, Note

_INDEX = frozenset(("dim", "size", "shape", "sizes"))


def explain(facts: Facts) -> Explanation | None:
    """The one difference in what reaches equal operators. Several differences: cannot tell."""
    differences = dict.fromkeys(_differences(facts))
    if len(differences) != 1:
        return None
    kind, name, wasteful_value, efficient_value = next(iter(differences))
    note = Note(
        kind,
        f"{name} is {wasteful_value} on side {facts.wasteful.name}, "
        f"{efficient_value} on side {facts.efficient.name}",
        facts.wasteful.frame,
    )
    return Explanation(
        category="api-misuse",
        kind=kind,
        name=name,
        wasteful_value=wasteful_value,
        efficient_value=efficient_value,
        frame=facts.wasteful.frame,
        evidence=(note,),
        rejected=(),
        message=f"{name} is {wasteful_value} here; {efficient_value} costs less",
        remedy=f"make {name} {efficient_value}, as the other side does",
    )


def _differences(facts: Facts) -> Iterator[tuple[CauseKind, str, str, str]]:
    wasteful, efficient = facts.wasteful, facts.efficient
    if not facts.same_operators:
        return
    pairs = zip(wasteful.operators, efficient.operators, strict=True)
    for x, y in pairs:
        yield from _arguments(x, y)
    for operator, x_inputs, y_inputs in zip(
        wasteful.operators, wasteful.inputs, efficient.inputs, strict=True
    ):
        for x_input, y_input in zip(x_inputs, y_inputs, strict=False):
            x_dtype, y_dtype = x_input.partition(" ")[0], y_input.partition(" ")[0]
            if x_dtype != y_dtype:
                yield "dtype", "the dtype of the inputs", x_dtype, y_dtype
            elif x_input != y_input:
                yield "layout", f"the input of {operator.name}", x_input, y_input


def _arguments(x: Operator, y: Operator) -> Iterator[tuple[CauseKind, str, str, str]]:
    for name in x.arguments.keys() & y.arguments.keys() - _INDEX:
        if x.arguments[name] != y.arguments[name]:
            label = f"`{name}` of {x.name}"
            yield "argument", label, x.arguments[name], y.arguments[name]
