"""One side's energy by source range, function and module, as text tables."""

from __future__ import annotations

import itertools
import textwrap

from magneton_agent.schema.result import Breakdown, KernelRow, Row

from . import figures
from .findings import ran
from .paint import Paint
from .shares import excess_text, percent
from .table import columns
from .text_source import SourceView

_MOST_ROWS = 10
_LONGEST_LABEL = 44


def breakdown_lines(breakdown: Breakdown, view: SourceView) -> list[str]:
    """Three tables, largest first, none of them empty; the costliest range is quoted. Shares that
    cannot be are explained."""
    paint = view.paint
    return [
        *_table("source range", breakdown.by_range, paint),
        *_costliest(breakdown.by_range, view),
        *_table("function", breakdown.by_function, paint),
        *_table("module", breakdown.by_module, paint),
        *_excess(breakdown, view.width),
        *_kernels(breakdown.by_kernel, paint),
    ]


def _excess(breakdown: Breakdown, width: int) -> list[str]:
    tables = (breakdown.by_range, breakdown.by_function, breakdown.by_module)
    text = excess_text(itertools.chain.from_iterable(rows[:_MOST_ROWS] for rows in tables))
    return [*textwrap.wrap(text, width), ""] if text is not None else []


def _kernels(rows: tuple[KernelRow, ...], paint: Paint) -> list[str]:
    """What was launched on a GPU; nothing where nothing was."""
    if not rows:
        return []
    cells = [[row.name, percent(row.share), str(row.launches)] for row in rows[:_MOST_ROWS]]
    first, *lines = columns([["GPU time by kernel", "share", "launches"], *cells])
    return [paint(first, "bold"), *lines, *_left_out(len(rows)), ""]


def _costliest(rows: tuple[Row, ...], view: SourceView) -> list[str]:
    location = rows[0].location if rows else None
    return [*view.block(location, "note"), ""] if location else []


def _table(title: str, rows: tuple[Row, ...], paint: Paint) -> list[str]:
    if not rows:
        return []
    shown = rows[:_MOST_ROWS]
    heading = [f"energy by {title}", "share", "energy", "time", "operators"]
    cells = [
        [
            _short(row.label),
            percent(row.share),
            figures.interval(row.energy_j, "J"),
            figures.value(row.duration_s, "s"),
            str(row.operators),
        ]
        for row in shown
    ]
    if any(map(ran, shown)):
        heading.append("ran")
        cells = [[*cell, ran(row)] for cell, row in zip(cells, shown, strict=True)]
    first, *lines = columns([heading, *cells])
    return [paint(first, "bold"), *lines, *_left_out(len(rows)), ""]


def _left_out(rows: int) -> list[str]:
    more = rows - _MOST_ROWS
    return [f"… and {more} more, in the result file"] if more > 0 else []


def _short(label: str) -> str:
    """The end of a long label, which tells more than its beginning."""
    if len(label) > _LONGEST_LABEL:
        return "…" + label[1 - _LONGEST_LABEL :]
    return label
