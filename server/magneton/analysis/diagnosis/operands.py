"""The same operators, given something else: a scalar argument, a dtype, a layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from magneton_agent.schema.recording import Operator

from .facts import OPERAND_KINDS, Difference, Explanation, Facts, Note, SideFacts

INDEX = frozenset(("dim", "size", "shape", "sizes"))


def confirmed(facts: Facts) -> Explanation | None:
    """What makes the operator cost what the other side's does where it is given it; its place is
    where that comes from, if it was followed there."""
    cause = facts.moving(OPERAND_KINDS)
    if cause is None:
        return None
    note = Note("trial", f"tried on side {facts.wasteful.name}: {cause.text}", None)
    found = _explained(facts, cause.difference, note, confirmed=True)
    if facts.followed is None:
        return found
    origin = Note("value", f"it comes from `{facts.followed.name}`", facts.followed.place)
    return replace(found, frame=facts.followed.place, evidence=(*found.evidence, origin))


def untried(facts: Facts) -> Explanation | None:
    """The one difference in what reaches equal operators of which no trial tells. Several: cannot
    tell."""
    left = facts.left(differences(facts.wasteful, facts.efficient))
    if len(left) != 1:
        return None
    tried = (each for each in facts.tried if each.difference == left[0])
    return _explained(facts, left[0], *(Note("trial", each.text, None) for each in tried))


def position_of(found: Explanation, facts: Facts) -> int | None:
    """The first operator that has what ``found`` names as the sides' difference, None where it
    names something else."""
    named = Difference(found.kind, found.name, found.wasteful_value, found.efficient_value)
    every = at_operators(facts.wasteful, facts.efficient)
    return next((number for number, each in every if each == named), None)


def differences(wasteful: SideFacts, efficient: SideFacts) -> list[Difference]:
    """What differs in what reaches the operators of both sides, where these are the same."""
    return list(dict.fromkeys(found for _, found in at_operators(wasteful, efficient)))


def at_operators(wasteful: SideFacts, efficient: SideFacts) -> Iterator[tuple[int, Difference]]:
    """Each difference with the position of the operator that it is at."""
    if wasteful.names != efficient.names:
        return
    for number, (x, y) in enumerate(zip(wasteful.operators, efficient.operators, strict=True)):
        for found in _arguments(x, y):
            yield number, found
    pairs = zip(wasteful.operators, wasteful.inputs, efficient.inputs, strict=True)
    for number, (operator, x_inputs, y_inputs) in enumerate(pairs):
        for x_input, y_input in zip(x_inputs, y_inputs, strict=False):
            x_dtype, y_dtype = x_input.partition(" ")[0], y_input.partition(" ")[0]
            if x_dtype != y_dtype:
                yield number, Difference("dtype", "the dtype of the inputs", x_dtype, y_dtype)
            elif x_input != y_input:
                name = f"the input of {operator.name}"
                yield number, Difference("layout", name, x_input, y_input)


def argument_of(found: Difference) -> str:
    """The schema's name of the argument that a difference of that kind is in."""
    return found.name.partition("`")[2].partition("`")[0]


def _explained(
    facts: Facts, found: Difference, *more: Note, confirmed: bool = False
) -> Explanation:
    note = Note(
        found.kind,
        f"{found.name} is {found.wasteful_value} on side {facts.wasteful.name}, "
        f"{found.efficient_value} on side {facts.efficient.name}",
        facts.wasteful.frame,
    )
    return Explanation(
        category="api-misuse",
        kind=found.kind,
        name=found.name,
        wasteful_value=found.wasteful_value,
        efficient_value=found.efficient_value,
        frame=facts.wasteful.frame,
        evidence=(note, *more),
        message=f"{found.name} is {found.wasteful_value} here; {found.efficient_value} costs less",
        remedy=f"make {found.name} {found.efficient_value}, as the other side does",
        confirmed=confirmed,
    )


def _arguments(x: Operator, y: Operator) -> Iterator[Difference]:
    for name in sorted(x.arguments.keys() & y.arguments.keys() - INDEX):
        if x.arguments[name] != y.arguments[name]:
            label = f"`{name}` of {x.name}"
            yield Difference("argument", label, x.arguments[name], y.arguments[name])
