"""Both sides run one function and part in it: what decides that was followed to its origin."""

from __future__ import annotations

import itertools
from dataclasses import replace

from magneton_agent.schema.result import SideName

from .facts import OPERAND_KINDS, Difference, Explanation, Facts, Followed, Note
from .operands import argument_of

PATH = "path"
"""The kind of the evidence of where both sides go on differently."""


def explain(facts: Facts) -> Explanation | None:
    """What was found to decide; the places that it went through are the evidence."""
    found = facts.followed
    if found is None or _says_less(facts, found) or _does_nothing(facts, found):
        return None
    left = "" if found.given is not False else ", left at its default,"
    explained = Explanation(
        category="misconfiguration",
        kind=found.kind,
        name=found.name,
        wasteful_value=found.wasteful_value,
        efficient_value=found.efficient_value,
        frame=found.place,
        evidence=(parting(found), *passing(found, facts.wasteful.name, facts.efficient.name)),
        message=f"`{found.name}`{left} is {found.wasteful_value}; {found.efficient_value} "
        "computes the same for less",
        remedy=remedy_of(found),
        there=found.there,
    )
    tried = _tried(facts, explained)
    # How a tensor looks is left to the rules that try it, unless this one was.
    return tried if tried.confirmed or not found.tensor else None


def _tried(facts: Facts, found: Explanation) -> Explanation:
    """``found``, confirmed where it is about a tensor whose layout or type was tried, or is an
    argument of the operators that was."""
    cause = facts.moving(OPERAND_KINDS)
    if cause is None:
        return found
    values = found.wasteful_value, found.efficient_value
    is_tensors = cause.difference.is_tensors(*values)
    if not (is_tensors or _is_argument(cause.difference, found.name, *values)):
        return found
    note = Note("trial", f"tried on side {facts.wasteful.name}: {cause.text}", None)
    kind = cause.difference.kind if is_tensors else found.kind
    return replace(found, kind=kind, evidence=(*found.evidence, note), confirmed=True)


def _does_nothing(facts: Facts, found: Followed) -> bool:
    """Whether it reaches the operators as an argument which, tried there, hardly counts."""
    passed = [(each.name, each.wasteful_value, each.efficient_value) for each in found.way]
    passed.append((found.name, found.wasteful_value, found.efficient_value))
    return any(
        each.effect is not None
        and each.effect.difference is None
        and not each.effect.may_settle
        and any(_is_argument(each.difference, *values) for values in passed)
        for each in facts.tried
    )


def _is_argument(
    difference: Difference, name: str, wasteful_value: str, efficient_value: str
) -> bool:
    """Whether a name with these values is the operators' argument in which the sides differ."""
    if difference.kind != "argument" or argument_of(difference) != name.rpartition(".")[2]:
        return False
    values = difference.wasteful_value, difference.efficient_value
    return values == (wasteful_value, efficient_value)


def _says_less(facts: Facts, found: Followed) -> bool:
    """Whether two values that read alike decide, while what they make of an operator's input was
    tried and moves the energy."""
    alike = found.wasteful_value == found.efficient_value
    return alike and facts.moving(OPERAND_KINDS) is not None


def parting(found: Followed) -> Note:
    """Where both sides go on differently."""
    text = f"both sides run {found.function.function} and go on differently from there"
    return Note(PATH, text, found.function)


def passing(found: Followed, wasteful: SideName, efficient: SideName) -> tuple[Note, ...]:
    """The places that the deciding value went through, once for as long as it keeps its name."""
    notes = [
        Note(
            "value",
            f"`{each.name}` is {each.wasteful_value} on side {wasteful}, "
            f"{each.efficient_value} on side {efficient}",
            each.place,
        )
        for each in found.way
    ]
    return tuple(next(same) for _, same in itertools.groupby(notes, lambda each: each.text))


def decided(found: Explanation, origin: Followed, remedy: str) -> Explanation:
    """``found``, which names an operand or a setting, with what decides on it in its place."""
    note = Note("value", f"`{origin.name}` decides on {found.name}", origin.place)
    return replace(
        found,
        kind=origin.kind,
        name=origin.name,
        wasteful_value=origin.wasteful_value,
        efficient_value=origin.efficient_value,
        frame=origin.place,
        there=origin.there,
        evidence=(*found.evidence, note),
        message=f"`{origin.name}` is {origin.wasteful_value}, which makes {found.name} "
        f"{found.wasteful_value}; with {found.efficient_value} the same work costs less",
        remedy=remedy,
    )


def remedy_of(found: Followed) -> str:
    """What to change."""
    if found.kind == "call":
        return f"use {found.efficient_value} instead of {found.wasteful_value}"
    if found.owner is not None:
        return f"pass {found.name}={found.efficient_value} to {found.owner}"
    return f"let {found.name} be {found.efficient_value}"
