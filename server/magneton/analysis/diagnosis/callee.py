"""The same expression of the same function calls something else: ``self.act(x)``."""

from __future__ import annotations

from .facts import CalleeFact, Explanation, Facts, Note, Origin


def explain(facts: Facts) -> Explanation | None:
    """The value that chose the callee, where it was found; else the callee itself."""
    fact = facts.callee
    if fact is None:
        return None
    notes = _notes(facts, fact)
    if fact.origin is None:
        return Explanation(
            category="misconfiguration",
            kind="call",
            name=fact.expression,
            wasteful_value=fact.wasteful_callee,
            efficient_value=fact.efficient_callee,
            frame=fact.set_in,
            evidence=notes,
            rejected=(),
            message=f"`{fact.expression}` is {fact.wasteful_callee}; "
            f"{fact.efficient_callee} computes the same for less",
            remedy=f"let `{fact.expression}` be {fact.efficient_callee}",
        )
    return _from_origin(facts, fact.origin, notes)


def _from_origin(facts: Facts, origin: Origin, notes: tuple[Note, ...]) -> Explanation:
    left = "" if origin.given is not False else ", left at its default,"
    note = Note(
        "argument",
        f"{origin.owner} was built with {origin.name}={origin.wasteful_value} on side "
        f"{facts.wasteful.name}, {origin.efficient_value} on side {facts.efficient.name}",
        origin.call,
    )
    return Explanation(
        category="misconfiguration",
        kind="argument",
        name=origin.name,
        wasteful_value=origin.wasteful_value,
        efficient_value=origin.efficient_value,
        frame=origin.call,
        evidence=(*notes, note),
        rejected=(),
        message=f"`{origin.name}`{left} is {origin.wasteful_value}; "
        f"{origin.efficient_value} computes the same for less",
        remedy=f"pass {origin.name}={origin.efficient_value} to {origin.owner}",
    )


def _notes(facts: Facts, fact: CalleeFact) -> tuple[Note, ...]:
    first = Note(
        "callee",
        f"both sides run {fact.function.function}; its `{fact.expression}` is "
        f"{fact.wasteful_callee} on side {facts.wasteful.name} and "
        f"{fact.efficient_callee} on side {facts.efficient.name}",
        fact.function,
    )
    if fact.set_in is None or fact.set_from is None:
        return (first,)
    text = f"`{fact.expression}` is set in {fact.set_in.function} from `{fact.set_from}`"
    return first, Note("construction", text, fact.set_in)
