"""One side's energy by source range, function and module, as text tables."""

from __future__ import annotations

from magneton_agent.schema.result import Breakdown, Row

from . import figures
from .findings import ran
from .paint import Paint
from .table import columns
from .text_source import SourceView

_MOST_ROWS = 10
_LONGEST_LABEL = 44


def breakdown_lines(breakdown: Breakdown, view: SourceView) -> list[str]:
    """Three tables, largest first; the costliest range is quoted."""
    paint = view.paint
    return [
        *_table("source range", breakdown.by_range, paint),
        *_costliest(breakdown.by_range, view),
        *_table("function", breakdown.by_function, paint),
        *_table("module", breakdown.by_module, paint),
    ]


def _costliest(rows: tuple[Row, ...], view: SourceView) -> list[str]:
    location = rows[0].location if rows else None
    return [*view.block(location, "note"), ""] if location else []


def _table(title: str, rows: tuple[Row, ...], paint: Paint) -> list[str]:
    shown = rows[:_MOST_ROWS]
    heading = [f"energy by {title}", "share", "energy", "time", "operators"]
    cells = [
        [
            _short(row.label),
            f"{row.share:.1%}",
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
    left_out = len(rows) - len(shown)
    more = [f"… and {left_out} more, in the result file"] if left_out else []
    return [paint(first, "bold"), *lines, *more, ""]


def _short(label: str) -> str:
    """The end of a long label, which tells more than its beginning."""
    if len(label) > _LONGEST_LABEL:
        return "…" + label[1 - _LONGEST_LABEL :]
    return label
