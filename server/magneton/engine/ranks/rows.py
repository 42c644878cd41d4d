"""What every rank of a job's sides took of a step, and how much of that was waiting."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.messages import Checked
from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import RankRow, RankSide

from ...analysis.apportioning import busy_cpus, cost_of
from ...analysis.cost import SideCost, Timing, residual_warning
from ...analysis.waiting import Waiting, waiting_of
from ..replaying import OperatorEnergies
from ..rounds import complete
from ..runner import Runner
from ..side import Side
from .replies import RankReplies, Ranks

_Cost = tuple[Recording, SideCost]
_UNSTEADY = Absent("its timed steps ran other operators than the recorded one")


def ranks_of(side: Side) -> Ranks | None:
    """The ranks of a side, None where it is one process, or a trace."""
    return side.ranks if isinstance(side, Runner) else None


def checks_of(side: Side) -> list[Checked]:
    """The first steps of all ranks, none of a side that is one process."""
    ranks = ranks_of(side)
    return [each.check for each in ranks.replies if each.check] if ranks is not None else []


def rank_rows(
    sides: Sequence[Side], costs: Sequence[SideCost], energies: OperatorEnergies
) -> tuple[RankRow, ...]:
    """One row a rank, once the sides have been sampled; none where they are single processes.
    ``costs`` are those of the ranks that stand for the sides."""
    found = [own for number in range(len(sides)) if (own := _costs(sides, number, energies))]
    if not found or len(found) < len(sides):
        return ()
    described = [
        _side(own, side, cost) for own, side, cost in zip(found, sides, costs, strict=True)
    ]
    return tuple(RankRow(rank, *each) for rank, each in enumerate(zip(*described, strict=True)))


def rank_warnings(sides: Sequence[Side], number: int, energies: OperatorEnergies) -> list[str]:
    """What must be known of the ranks of side ``number`` beside the one that is shown."""
    return [
        f"rank {rank}: {warning}"
        for rank, each in enumerate(_costs(sides, number, energies))
        if rank and each is not None and (warning := residual_warning(each[1])) is not None
    ]


def _side(costs: Sequence[_Cost | None], side: Side, shown: SideCost) -> list[RankSide]:
    whole = [each for each in costs if each is not None]
    if len(whole) < len(costs):
        return [RankSide(*(_UNSTEADY,) * 5)] * len(costs)
    at = _stands_for(side)
    return [
        _row(shown if rank == at else cost, waiting)
        for rank, ((_, cost), waiting) in enumerate(zip(whole, waiting_of(whole), strict=True))
    ]


def _row(cost: SideCost, waiting: Waiting) -> RankSide:
    return RankSide(
        cost.energy_j, cost.step_s, waiting.waiting_s, waiting.waiting_j, cost.residual_j
    )


def _stands_for(side: Side) -> int | None:
    """The rank whose figures are the side's; None where those are of all together, as an external
    meter's are."""
    if (ranks := ranks_of(side)) is None:
        return None
    loaded = ranks.replies[ranks.shown].loaded
    return ranks.shown if loaded is not None and loaded.meter == side.loaded.meter else None


def _costs(sides: Sequence[Side], number: int, energies: OperatorEnergies) -> list[_Cost | None]:
    """What each rank of side ``number`` did and took; none where that is a single process."""
    ranks = ranks_of(sides[number])
    if ranks is None:
        return []
    return [
        _cost(each, timing, _busy(sides, rank), number, energies)
        for rank, (each, timing) in enumerate(zip(ranks.replies, _timings(ranks), strict=True))
    ]


def _busy(sides: Sequence[Side], rank: int) -> dict[str | None, float]:
    """How many CPUs operators keep busy, by one rank of all sides: as the sides' costs have it."""
    found = []
    for side in sides:
        ranks = ranks_of(side)
        recording = ranks.replies[rank].recording if ranks and rank < ranks.count else None
        if ranks is not None and recording is not None:
            found.append((recording, _timings(ranks)[rank]))
    return busy_cpus(found)


def _timings(ranks: Ranks) -> list[Timing]:
    return complete([each.blocks for each in ranks.replies])


def _cost(
    replies: RankReplies,
    timing: Timing,
    busy: dict[str | None, float],
    number: int,
    energies: OperatorEnergies,
) -> _Cost | None:
    recording, loaded = replies.recording, replies.loaded
    if recording is None or loaded is None or not timing.blocks:
        return None
    cost = cost_of(recording, loaded, replies.samples, timing, busy)
    return recording, energies.of_rank(number, loaded, recording, cost)
