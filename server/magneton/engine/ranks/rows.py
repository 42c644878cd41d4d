"""What every rank of a job's sides took of a step, and how much of that was waiting."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.messages import Checked
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import RankRow, RankSide

from ...analysis.apportioning import busy_cpus, cost_of
from ...analysis.cost import SideCost, Timing
from ...analysis.waiting import waiting_of
from ..runner import Runner
from ..side import Side
from .replies import RankReplies, Ranks

_UNSTEADY = Absent("its timed steps ran other operators than the recorded one")


def ranks_of(side: Side) -> Ranks | None:
    """The ranks of a side, None where it is one process, or a trace."""
    return side.ranks if isinstance(side, Runner) else None


def checks_of(side: Side) -> list[Checked]:
    """The first steps of all ranks, none of a side that is one process."""
    ranks = ranks_of(side)
    return [each.check for each in ranks.replies if each.check] if ranks is not None else []


def rank_rows(sides: Sequence[Side]) -> tuple[RankRow, ...]:
    """One row a rank, once the sides have been sampled; none where they are single processes."""
    found = [ranks for side in sides if (ranks := ranks_of(side)) is not None]
    if not found or len(found) < len(sides):
        return ()
    described = [_side(ranks) for ranks in found]
    return tuple(RankRow(rank, *each) for rank, each in enumerate(zip(*described, strict=True)))


def _side(ranks: Ranks) -> list[RankSide]:
    costs = [_cost(each) for each in ranks.replies]
    whole = [each for each in costs if each is not None]
    if len(whole) < len(costs):
        return [RankSide(*(_UNSTEADY,) * 4)] * len(costs)
    return [
        RankSide(cost.energy_j, cost.step_s, waiting.waiting_s, waiting.waiting_j)
        for (_, cost), waiting in zip(whole, waiting_of(whole), strict=True)
    ]


def _cost(replies: RankReplies) -> tuple[Recording, SideCost] | None:
    recording, loaded = replies.recording, replies.loaded
    if recording is None or loaded is None or not replies.blocks:
        return None
    timing = Timing(tuple(replies.blocks))
    busy = busy_cpus([(recording, timing)])
    return recording, cost_of(recording, loaded, replies.samples, timing, busy)
