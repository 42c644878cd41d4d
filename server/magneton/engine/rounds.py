"""Which rounds of sampling count: those of which all that take part have a timed step left."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.messages import StepTiming

from ..analysis.complete import complete_rounds
from ..analysis.cost import Timing

Blocks = Sequence[tuple[StepTiming, ...]]
"""One block for every round; without steps where they were dropped."""


def complete(blocks: Sequence[Blocks], alternating: bool = False) -> list[Timing]:
    """The blocks of rounds that every one has steps in; ``alternating`` where two sides were taken
    A B, then B A, and so on."""
    kept = complete_rounds(map(all, zip(*blocks, strict=False)), alternating)
    return [Timing(tuple(own[number] for number in kept)) for own in blocks]


def shortened(timings: Sequence[Timing], steps: int) -> list[Timing]:
    """``timings`` with no more than so many steps a block."""
    return [Timing(tuple(block[:steps] for block in each.blocks)) for each in timings]
