"""What a line of a measured file costs: the ranges on it, from the results that are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from magneton.report.findings import joules, ran
from magneton.report.shares import excess_text, percent
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Row

from .board import Board
from .cells import cell, how_known, table
from .opened import Opened
from .texts import plain
from .versions import Lines

_MOST_ROWS = 5
_LONGEST = 40


@dataclass(frozen=True)
class LineCost:
    """One range, that of ``row``; ``side`` is empty where there is only one, ``text`` what is
    written there, ``older`` says that the file has changed since."""

    side: str
    text: str
    row: Row
    older: bool


def line_costs(board: Board, file: Path, current: Lines, line: int) -> list[LineCost]:
    """The ranges on the 1-based ``line`` of ``file``, costliest first."""
    found = [each for opened in board.all() for each in _costs(board, opened, file, current, line)]
    return sorted(found, key=lambda each: -joules(each.row))


def _costs(
    board: Board, opened: Opened, file: Path, current: Lines, line: int
) -> Iterator[LineCost]:
    for side, row in _rows(opened):
        location = row.location
        if location is None or opened.file(location) != file:
            continue
        span = board.follow(opened, file, location, current)
        if span is not None and span[0].line <= line <= span[1].line:
            end = span[1].column if span[0].line == span[1].line else None
            text = current[span[0].line - 1][span[0].column : end]
            yield LineCost(side, text, row, opened.texts.get(file) != current)


def _rows(opened: Opened) -> Iterator[tuple[str, Row]]:
    result = opened.result
    if isinstance(result, Measurement):
        yield from (("", row) for row in result.breakdown.by_range)
        return
    yield from (("a", row) for row in result.breakdowns.a.by_range)
    yield from (("b", row) for row in result.breakdowns.b.by_range)


def paragraphs(costs: Sequence[LineCost]) -> Iterator[str]:
    """What a hover says of ``costs``, which is not empty."""
    shown = costs[:_MOST_ROWS]
    yield "**Magneton: energy of this line**"
    yield table(("a step", "energy", "time", "share of the step"), map(_cells, shown))
    if left_out := len(costs) - len(shown):
        yield f"… and {left_out} more on this line, which cost less."
    excess = excess_text(each.row for each in shown)
    if excess is not None:
        yield excess
    yield from how_known(each.row.energy_j for each in shown)


def _cells(cost: LineCost) -> tuple[str, ...]:
    row = cost.row
    text = cost.text if len(cost.text) <= _LONGEST else cost.text[: _LONGEST - 1] + "…"
    label = ": ".join(part for part in (cost.side, plain(text)) if part)
    label = ", ".join(part for part in (label, ran(row)) if part)
    return label, cell(row.energy_j, "J"), cell(row.duration_s, "s"), percent(row.share)
