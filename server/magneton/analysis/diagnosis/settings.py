"""A framework setting is in force on one side only."""

from __future__ import annotations

from ..settings import differing
from .facts import Explanation, Facts, Note


def explain(facts: Facts) -> Explanation | None:
    """The one setting that differs. Several: cannot tell which of them decides; nor can other
    operators in code of their own be laid to a setting."""
    if not facts.shared and not facts.same_operators:
        return None
    x, y = facts.wasteful.settings, facts.efficient.settings
    names = differing(x, y)
    if len(names) != 1:
        return None
    name = names[0]
    wasteful, efficient = x.get(name, "not set"), y.get(name, "not set")
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
        evidence=(note,),
        rejected=(),
        message=f"{name} is {wasteful}; with {efficient} the same work costs less",
        remedy=f"set {name} as the other side has it: {efficient}",
    )
