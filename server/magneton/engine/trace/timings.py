"""Operator times in columns: one row a timed step, one entry an operator."""

from __future__ import annotations

from itertools import accumulate, pairwise

from magneton_agent.schema.messages import StepTiming

from ..side import Taken
from .columns import ColumnError, ColumnReader, ColumnWriter
from .format import Blocks


def write_timings(columns: ColumnWriter, name: str, taken: Taken) -> Blocks:
    """The blocks of ``taken`` as columns called ``name``; returns how they are divided."""
    steps = [step for block in taken.blocks for step in block]
    columns.floats(f"{name}.duration_s", (x for step in steps for x in step.duration_s))
    columns.floats(f"{name}.cpu_s", (x for step in steps for x in step.cpu_s))
    columns.floats(f"{name}.between_s", (step.between_s for step in steps))
    columns.floats(f"{name}.between_cpu_s", (step.between_cpu_s for step in steps))
    return Blocks(tuple(map(len, taken.blocks)), taken.dropped)


def read_timings(
    columns: ColumnReader, name: str, blocks: Blocks, operators: int
) -> tuple[tuple[StepTiming, ...], ...]:
    """What :func:`write_timings` wrote, for steps of ``operators``.

    Raises:
        ColumnError: a column breaks the format, or a block is empty.
    """
    if min(blocks.steps, default=1) < 1 or blocks.dropped < 0:
        raise ColumnError(f"{name} has a block without steps")
    size = sum(blocks.steps)
    rows = [columns.seconds(f"{name}.{each}", size * operators) for each in ("duration_s", "cpu_s")]
    rest = [columns.seconds(f"{name}.{each}", size) for each in ("between_s", "between_cpu_s")]
    cuts = [(i * operators, (i + 1) * operators) for i in range(size)]
    steps = tuple(
        map(StepTiming, *([row[i:j] for i, j in cuts] for row in rows), *rest),
    )
    return tuple(steps[i:j] for i, j in pairwise(accumulate(blocks.steps, initial=0)))
