"""What ran many times is one row, and opens to its times."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.quantity import Figure
from magneton_agent.schema.result import Comparison, Finding, Instance, KernelRow, Row

from . import figures, findings
from .markup import Markup, tag

MOST_SHOWN = 32


def label_of(label: str, rows: Sequence[Row | None]) -> Markup:
    """The label of one row a side: with how often it ran, opening to the times."""
    known = [row for row in rows if row is not None and row.instances]
    counts = " / ".join(dict.fromkeys(findings.ran(row) for row in known))
    name = tag("code", label, class_="label")
    if not known:
        return name
    tables = [_table(row.instances, (row.count or 0) - len(row.instances)) for row in known]
    return tag("details", tag("summary", name, " ", counts), *tables, class_="label")


def instances_of(comparison: Comparison | None, finding: Finding) -> Markup:
    """The times of repeated work, or the places alike of a difference; nothing of a single one."""
    shown = finding.instances[:MOST_SHOWN]
    if shown:
        title, more = "run again", len(finding.instances) - len(shown)
        return tag(
            "details", tag("summary", f"{title} ×{len(finding.instances)}"), _table(shown, more)
        )
    if comparison is None or finding.count < 2:
        return Markup("")
    return tag(
        "details", tag("summary", f"in {finding.count} places alike"), _places(comparison, finding)
    )


def _table(instances: Sequence[Instance], more: int) -> Markup:
    rows = [_row(tag("code", each.label), each.energy_j, each.duration_s) for each in instances]
    return tag("table", *rows, *_left_out(more))


def _places(comparison: Comparison, finding: Finding) -> Markup:
    """The wasteful side of every region, and what it launched on a GPU."""
    found = [each for each in comparison.regions if each.id in finding.regions]
    parts = [each.a if finding.wasteful_side == "a" else each.b for each in found]
    rows = [
        _row(tag("code", region.id), part.energy_j, part.duration_s, part.kernels)
        for region, part in zip(found[:MOST_SHOWN], parts, strict=False)
    ]
    return tag("table", *rows, *_left_out(len(found) - len(rows)))


def _row(
    label: Markup, energy_j: Figure, duration_s: Figure, kernels: Sequence[KernelRow] = ()
) -> Markup:
    cells = [label, figures.interval(energy_j, "J"), figures.value(duration_s, "s")]
    if kernels:
        cells.append(", ".join(kernel.text for kernel in kernels))
    return tag("tr", *(tag("td", cell) for cell in cells))


def _left_out(more: int) -> list[Markup]:
    return [tag("tr", tag("td", f"… and {more} more", colspan="3"))] if more > 0 else []
