"""Both sides run one function and part in it: what decides that was followed to its origin."""

from __future__ import annotations

from dataclasses import replace

from .facts import OPERAND_KINDS, Explanation, Facts, Followed, Note, Passed


def explain(facts: Facts) -> Explanation | None:
    """What was found to decide; the places that it went through are the evidence."""
    found = facts.followed
    if found is None or _says_less(facts, found):
        return None
    left = "" if found.given is not False else ", left at its default,"
    explained = Explanation(
        category="misconfiguration",
        kind=found.kind,
        name=found.name,
        wasteful_value=found.wasteful_value,
        efficient_value=found.efficient_value,
        frame=found.place,
        evidence=(_parting(facts, found), *(_note(facts, each) for each in found.way)),
        rejected=(),
        message=f"`{found.name}`{left} is {found.wasteful_value}; {found.efficient_value} "
        "computes the same for less",
        remedy=_remedy(found),
    )
    tried = _tried(facts, explained)
    # How a tensor looks is left to the rules that try it, unless this one was.
    return tried if tried.confirmed or not found.tensor else None


def _tried(facts: Facts, found: Explanation) -> Explanation:
    """``found``, confirmed where it is about a tensor whose layout or type was tried."""
    cause = facts.moving(OPERAND_KINDS)
    if cause is None:
        return found
    if not cause.difference.is_tensors(found.wasteful_value, found.efficient_value):
        return found
    note = Note("trial", f"tried on side {facts.wasteful.name}: {cause.text}", None)
    kind, evidence = cause.difference.kind, (*found.evidence, note)
    return replace(found, kind=kind, evidence=evidence, confirmed=True)


def _says_less(facts: Facts, found: Followed) -> bool:
    """Whether two values that read alike decide, while what they make of an operator's input was
    tried and moves the energy."""
    alike = found.wasteful_value == found.efficient_value
    return alike and facts.moving(OPERAND_KINDS) is not None


def _parting(facts: Facts, found: Followed) -> Note:
    text = f"both sides run {found.function.function} and go on differently from there"
    return Note("path", text, found.function)


def _note(facts: Facts, passed: Passed) -> Note:
    text = (
        f"`{passed.name}` is {passed.wasteful_value} on side {facts.wasteful.name}, "
        f"{passed.efficient_value} on side {facts.efficient.name}"
    )
    return Note("value", text, passed.place)


def _remedy(found: Followed) -> str:
    if found.kind == "call":
        return f"use {found.efficient_value} instead of {found.wasteful_value}"
    if found.owner is not None:
        return f"pass {found.name}={found.efficient_value} to {found.owner}"
    return f"let {found.name} be {found.efficient_value}"
