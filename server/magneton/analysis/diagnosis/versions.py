"""The same call runs other operators because another version of a package makes it."""

from __future__ import annotations

from .facts import Explanation, Facts


def explain(facts: Facts) -> Explanation | None:
    """Names the innermost package of the calls that the sides have in other versions. Equal
    operators do not come from what a package's code says."""
    if facts.versions is None or facts.same_operators:
        return None
    name, wasteful, efficient = facts.versions
    return Explanation(
        category="misconfiguration",
        kind="version",
        name=name,
        wasteful_value=wasteful,
        efficient_value=efficient,
        frame=facts.wasteful.frame,
        evidence=(),
        message=f"{name} {wasteful} costs more here than {efficient}, "
        "which computes the same values",
        remedy=f"run it with {name} {efficient}, as the other side does",
    )
