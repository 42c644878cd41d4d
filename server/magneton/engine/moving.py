"""What the sides of a case move: where, how often, and what of their difference that makes."""

from __future__ import annotations

from collections.abc import Sequence

from ..analysis.copies import Copied, copies, further
from ..analysis.cost import SideCost
from ..analysis.diagnosis.moves import Move, MoveFact
from ..analysis.retracing import Readers, given_back
from .assemble import Sites
from .cases import Case


def moves_of(case: Case) -> MoveFact | None:
    """What the wasteful side alone moves; None where that is nothing."""
    own, other = (
        copies(site.recording, each) for site, each in zip(case.sites, case.every, strict=True)
    )
    more = further(case.sites[0].recording, own, other)
    if not more:
        return None
    spent_j = _energy(case.costs[0], own) - _energy(case.costs[1], other)
    a, b = (cost.energy_of(ids).value for cost, ids in zip(case.costs, case.every, strict=True))
    ordered = sorted(more, key=lambda same: -_energy(case.costs[0], same))
    readers = Readers(case.sites[0].recording)
    return MoveFact(
        moves=tuple(move_of(case.sites[0], readers, same, case.every[0]) for same in ordered),
        share=spent_j / (a - b) if a > b else 0.0,
    )


def move_of(
    sites: Sites, readers: Readers, same: Sequence[Copied], around: Sequence[int] = ()
) -> Move:
    """The place of copies that do the ``same``, among the operators ``around`` it."""
    first = same[0]
    frame = sites.user_frame(first.operator.id)
    text = sites.text(frame) if frame is not None else None
    undoing = given_back(readers, first)
    back = sites.user_frame(undoing.id) if undoing is not None else None
    return Move(
        kind=first.kind,
        does=first.text,
        name=first.operator.name,
        times=len(same),
        frame=frame,
        text=text,
        only=not any(
            not sites.recording.operators[i].movement and sites.user_frame(i) == frame
            for i in around
        ),
        undone=_behind(text, sites.text(back) or undoing.name) if back and undoing else None,
        back=back,
    )


def _behind(text: str | None, later: str) -> str:
    """``later``, of a longer chain of calls what is behind ``text``."""
    return later.removeprefix(text) or later if text is not None else later


def _energy(cost: SideCost, chosen: Sequence[Copied]) -> float:
    return cost.energy_of([each.operator.id for each in chosen]).value
