"""A framework setting is in force on one side only."""

from __future__ import annotations

from ..settings import chooses_operators, differing, value_of
from .facts import Explanation, Facts, Note


def explain(facts: Facts) -> Explanation | None:
    """The one setting that differs. Several: cannot tell which of them decides; nor can other
    operators in code of their own be laid to a setting, unless the same call is written there and
    the setting is one that chooses its operators."""
    x, y = facts.wasteful.settings, facts.efficient.settings
    names = differing(x, y)
    if len(names) != 1:
        return None
    name = names[0]
    same_call = facts.wasteful.text is not None and facts.wasteful.text == facts.efficient.text
    exchanged = same_call and chooses_operators(name)
    if not (facts.shared or facts.same_operators or exchanged):
        return None
    wasteful, efficient = value_of(name, x), value_of(name, y)
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
