"""The two sides call different operations where they share no code that could explain it."""

from __future__ import annotations

from .facts import Explanation, Facts, Note, SideFacts

OPERATORS = "operators"
"""The kind of the evidence of what a side runs."""
_SHOWN = 6


def explain(facts: Facts) -> Explanation | None:
    """Names both expressions. Equal operators are some other rule's; one text on both sides
    means another thing on each, and says nothing."""
    wasteful, efficient = facts.wasteful, facts.efficient
    if wasteful.text is None or efficient.text is None or wasteful.text == efficient.text:
        return None
    if facts.same_operators:
        return None
    return Explanation(
        category="api-misuse",
        kind="call",
        name=wasteful.text,
        wasteful_value=wasteful.text,
        efficient_value=efficient.text,
        frame=wasteful.frame,
        evidence=(running(wasteful), running(efficient)),
        message=f"`{wasteful.text}` costs more than `{efficient.text}`, "
        "which computes the same values",
        remedy=f"call `{efficient.text}` instead",
    )


def running(side: SideFacts) -> Note:
    """What one side runs, and where."""
    return Note(OPERATORS, f"side {side.name} runs {_listed(side)}", side.frame)


def is_expression(found: Explanation) -> bool:
    """Whether this rule explains, which knows the expressions and not what chose them."""
    return found.kind == "call" and any(note.kind == OPERATORS for note in found.evidence)


def _listed(side: SideFacts) -> str:
    names = list(dict.fromkeys(side.names)) or ["no operator"]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
