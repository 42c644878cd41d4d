"""The rules in the order in which they are asked; the first that can tell explains."""

from __future__ import annotations

from collections.abc import Callable

from . import calls, followed, movement, operands, settings, synchronisation, versions
from .facts import Explanation, Facts

Rule = Callable[[Facts], Explanation | None]
# What was tried comes first; what is common to both sides explains more precisely than what they
# merely do differently.
RULES: tuple[Rule, ...] = (
    settings.confirmed,
    followed.explain,
    synchronisation.explain,
    operands.confirmed,
    settings.untried,
    movement.explain,
    operands.untried,
    calls.explain,
    versions.explain,
)


def explain(facts: Facts) -> Explanation | None:
    """The first rule's explanation, or None: the finding stands without a cause."""
    for rule in RULES:
        if (found := rule(facts)) is not None:
            return found
    return None
