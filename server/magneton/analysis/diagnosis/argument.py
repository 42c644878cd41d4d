"""The same function is entered with another argument, which reaches the region's call."""

from __future__ import annotations

from .facts import ArgumentFact, Explanation, Facts, Note


def explain(facts: Facts) -> Explanation | None:
    """The differing argument nearest to the call. Two equally near ones: cannot tell."""
    ranked = sorted(facts.arguments, key=lambda fact: fact.distance)
    if not ranked or (len(ranked) > 1 and ranked[1].distance == ranked[0].distance):
        return None
    fact = ranked[0]
    left = "" if fact.given is not False else ", left at its default,"
    return Explanation(
        category="misconfiguration",
        kind="argument",
        name=fact.name,
        wasteful_value=fact.wasteful_value,
        efficient_value=fact.efficient_value,
        frame=fact.call,
        evidence=(_note(facts, fact),),
        rejected=tuple(
            (other.name, f"differs too, but is {other.distance} assignments away from the call")
            for other in ranked[1:]
        ),
        message=f"`{fact.name}`{left} is {fact.wasteful_value}; with {fact.efficient_value} "
        "the outputs are the same for less",
        remedy=f"pass {fact.name}={fact.efficient_value}",
    )


def _note(facts: Facts, fact: ArgumentFact) -> Note:
    text = (
        f"{fact.function.function} is entered with {fact.name}={fact.wasteful_value} on side "
        f"{facts.wasteful.name}, {fact.efficient_value} on side {facts.efficient.name}"
    )
    return Note("argument", text, fact.function)
