"""How long each rank of a program waits for the others, and what that costs.

In timed steps a collective lasts until this rank has its part of it. The rank that comes last to a
collective waits for nobody: its time there is what the collective itself takes, and what another
rank spends there beyond that is waiting.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.collectives import is_collective
from magneton_agent.schema.quantity import Absent, Figure, Quantity, Source
from magneton_agent.schema.recording import Recording

from .cost import SideCost
from .statistics import typical_interval

_UNLIKE = Absent("the ranks do not take part in the same collectives, in the same order")
_NONE = Absent("no collective was seen: the ranks do not wait for each other")


@dataclass(frozen=True)
class Waiting:
    """What one rank waits for the others, seconds and joules a step."""

    waiting_s: Figure
    waiting_j: Figure


def collectives_of(recording: Recording) -> tuple[int, ...]:
    """The operators that all ranks of a group take part in, in order."""
    return tuple(operator.id for operator in recording.operators if is_collective(operator.name))


def waiting_of(ranks: Sequence[tuple[Recording, SideCost]]) -> tuple[Waiting, ...]:
    """The waiting of each rank, from steps that all of them ran together."""
    chosen = [collectives_of(recording) for recording, _ in ranks]
    names = {
        tuple(recording.operators[i].name for i in each)
        for (recording, _), each in zip(ranks, chosen, strict=True)
    }
    if len(names) > 1:
        return (Waiting(_UNLIKE, _UNLIKE),) * len(ranks)
    if not chosen[0]:
        return (Waiting(_NONE, _NONE),) * len(ranks)
    blocks = _waits(ranks, chosen)
    return tuple(
        Waiting(
            _typical(each, (1.0,) * len(operators), "measured"),
            # Their own source: collectives are never replayed, whatever was of the others.
            _typical(each, [cost.power_w[i] for i in operators], cost.energy_of(operators).source),
        )
        for each, operators, (_, cost) in zip(blocks, chosen, ranks, strict=True)
    )


def _waits(
    ranks: Sequence[tuple[Recording, SideCost]], chosen: Sequence[Sequence[int]]
) -> list[list[list[list[float]]]]:
    """By rank, block, step and collective the time beyond the least that any rank spent there."""
    found: list[list[list[list[float]]]] = [[] for _ in ranks]
    for blocks in zip(*(cost.timing.blocks for _, cost in ranks), strict=False):
        waits: list[list[list[float]]] = [[] for _ in ranks]
        for steps in zip(*blocks, strict=False):
            times = [
                [step.duration_s[i] for i in operators]
                for step, operators in zip(steps, chosen, strict=True)
            ]
            least = [min(each) for each in zip(*times, strict=True)]
            for rank, own in enumerate(times):
                waits[rank].append([t - low for t, low in zip(own, least, strict=True)])
        for rank, each in enumerate(waits):
            found[rank].append(each)
    return found


def _typical(
    blocks: Sequence[Sequence[Sequence[float]]], weights: Sequence[float], source: Source
) -> Quantity:
    """The weighted wait of a step, from the median step of every block."""
    interval = typical_interval(
        [
            statistics.median(
                sum(wait * weight for wait, weight in zip(step, weights, strict=True))
                for step in block
            )
            for block in blocks
            if block
        ]
    )
    return interval.bounded().quantity(source)
