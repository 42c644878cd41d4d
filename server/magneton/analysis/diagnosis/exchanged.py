"""Of all that the two programs give otherwise, one thing takes away what the one does more."""

from __future__ import annotations

from dataclasses import dataclass

from magneton_agent.schema.location import Frame
from magneton_agent.schema.result import CauseKind, SideName

from .facts import Explanation, Note


@dataclass(frozen=True)
class Exchanged:
    """With the efficient side's value of ``name`` at ``place`` the wasteful side no longer runs
    what makes a share ``gone`` of the difference; ``owner`` has it as an argument. ``side`` is the
    one that was changed: the efficient one, where with the wasteful side's value it runs that
    too."""

    kind: CauseKind
    name: str
    wasteful_value: str
    efficient_value: str
    place: Frame
    owner: str | None
    gone: float
    side: SideName


def explain(found: Exchanged, wasteful: SideName) -> Explanation:
    """What is said of it where ``wasteful`` is the side that spends more."""
    gone = f"{100 * min(found.gone, 1):.0f} %"
    values, then = [found.efficient_value, found.wasteful_value], "are no longer run"
    if found.side != wasteful:
        values, then = values[::-1], "are run there too"
    text = (
        f"tried on side {found.side}: with {values[0]} instead of {values[1]} for "
        f"`{found.name}` the operators that make {gone} of the difference {then}; the outputs are "
        "equal"
    )
    return Explanation(
        category="misconfiguration",
        kind=found.kind,
        name=found.name,
        wasteful_value=found.wasteful_value,
        efficient_value=found.efficient_value,
        frame=found.place,
        evidence=(Note("trial", text, found.place),),
        message=f"`{found.name}` is {found.wasteful_value}; {found.efficient_value} "
        "computes the same for less",
        remedy=_remedy(found),
    )


def _remedy(found: Exchanged) -> str:
    if found.owner is not None and found.name.isidentifier():
        return f"pass {found.name}={found.efficient_value} to {found.owner}"
    return f"let {found.name} be {found.efficient_value}"
