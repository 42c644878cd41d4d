"""A framework setting is in force on one side only."""

from __future__ import annotations

from ..settings import chooses_operators, differing, value_of
from .facts import Difference, Explanation, Facts, Note, SideFacts


def confirmed(facts: Facts) -> Explanation | None:
    """The setting which, put in force on the wasteful side, takes its energy to the other's; of
    several the one that saves most."""
    cause = facts.moving(("setting",))
    if cause is None:
        return None
    note = Note("trial", f"tried on side {facts.wasteful.name}: {cause.text}", None)
    return _explained(facts, cause.difference, note, confirmed=True)


def untried(facts: Facts) -> Explanation | None:
    """The one setting that differs and of which no trial tells. Several: cannot tell which of them
    decides; nor can other operators in code of their own be laid to a setting, unless the same call
    is written there and the setting is one that chooses its operators."""
    left = facts.left(differences(facts.wasteful, facts.efficient))
    if len(left) != 1:
        return None
    same_call = facts.wasteful.text is not None and facts.wasteful.text == facts.efficient.text
    exchanged = same_call and chooses_operators(left[0].name)
    if not (facts.shared or facts.same_operators or exchanged):
        return None
    tried = (each for each in facts.tried if each.difference == left[0])
    return _explained(facts, left[0], *(Note("trial", each.text, None) for each in tried))


def differences(wasteful: SideFacts, efficient: SideFacts) -> list[Difference]:
    """The settings that differ and that an operator may consult, in order of their names."""
    x, y = wasteful.settings, efficient.settings
    return [
        Difference("setting", name, value_of(name, x), value_of(name, y))
        for name in differing(x, y)
    ]


def _explained(
    facts: Facts, found: Difference, *more: Note, confirmed: bool = False
) -> Explanation:
    name, wasteful, efficient = found.name, found.wasteful_value, found.efficient_value
    note = Note(
        "setting",
        f"{name} is {wasteful} on side {facts.wasteful.name}, "
        f"{efficient} on side {facts.efficient.name}",
        None,
    )
    return Explanation(
        category="misconfiguration",
        kind="setting",
        name=name,
        wasteful_value=wasteful,
        efficient_value=efficient,
        frame=None,
        evidence=(note, *more),
        message=f"{name} is {wasteful}; with {efficient} the same work costs less",
        remedy=f"set {name} as the other side has it: {efficient}",
        confirmed=confirmed,
    )
