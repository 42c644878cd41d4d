"""Why a range is marked: both sides' figures, the cause, its evidence, the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from magneton.engine.store import Result
from magneton.report import figures
from magneton.report.findings import (
    duration_s,
    energy_j,
    headline,
    other_side,
    saving_text,
    side_of,
)
from magneton.report.text_finding import cause_text
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent, Figure, Quantity
from magneton_agent.schema.result import Comparison, Finding, SideName

from ..board import Placed
from ..positions import from_client, to_client_range
from ..server import MagnetonServer, file_of
from ..texts import marked, plain
from .diagnostics import OLDER

_MODELLED = (
    "These energies are *modelled*: estimated from CPU time and step time, not read by a sensor."
)
_MOST_EVIDENCE = 6


def register(server: MagnetonServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        file = file_of(params.text_document.uri)
        lines = server.current_lines(file) if file is not None else None
        if file is None or lines is None:
            return None
        codec = server.workspace.position_codec
        position = from_client(codec, lines, params.position)
        here = [
            mark for mark in server.board.placed(file, lines) if mark.start <= position <= mark.end
        ]
        if not here:
            return None
        text = "\n\n---\n\n".join("\n\n".join(_paragraphs(mark)) for mark in here)
        return types.Hover(
            types.MarkupContent(types.MarkupKind.Markdown, text),
            to_client_range(codec, lines, here[0].start, here[0].end),
        )


def _paragraphs(placed: Placed) -> Iterator[str]:
    finding, result = placed.mark.finding, placed.opened.result
    yield f"**Magneton: {placed.mark.class_}**"
    if finding is None:
        yield plain(placed.mark.message)
    else:
        yield from _finding(result, finding)
    if placed.older:
        yield OLDER


def _finding(result: Result, finding: Finding) -> Iterator[str]:
    alone = isinstance(result, Measurement)
    yield f"{marked(headline(finding))}: {marked(saving_text(finding, alone))}"
    if isinstance(result, Comparison) and finding.regions:
        yield _table(result, finding)
    elif finding.instances:
        yield _repeated_table(finding)
    yield f"**Cause:** {marked(cause_text(finding.cause)) if finding.cause else 'not found'}"
    if finding.evidence:
        shown = finding.evidence[:_MOST_EVIDENCE]
        yield "\n".join(f"- {marked(evidence.text)}" for evidence in shown)
    if finding.remedy:
        yield f"**Remedy:** {marked(finding.remedy)}"
    yield from _how_known(result, finding)


def _table(comparison: Comparison, finding: Finding) -> str:
    """Three rows; the wasteful side stands first."""
    sides = (finding.wasteful_side, other_side(finding.wasteful_side))
    targets = (plain(side_of(comparison, name).target) for name in sides)
    head = " | ".join(f"{name}: {target}" for name, target in zip(sides, targets, strict=True))
    rows = [
        ("energy", [_cell(energy_j(comparison, finding, name), "J") for name in sides]),
        ("time", [_cell(duration_s(comparison, finding, name), "s") for name in sides]),
        ("share of the step", [_share(comparison, finding, name) for name in sides]),
    ]
    lines = [f"| a step{_ran(finding)} | {head} |", "| --- | ---: | ---: |"]
    lines += [f"| {label} | {' | '.join(cells)} |" for label, cells in rows]
    return "\n".join(lines)


def _repeated_table(finding: Finding) -> str:
    """What all but the needed times cost."""
    rows = [
        f"| a step{_ran(finding)} | superfluous |",
        "| --- | ---: |",
        f"| energy | {_cell(finding.saving_j, 'J')} |",
        f"| share of the step | {_cell(finding.saving_ratio, '%')} |",
    ]
    return "\n".join(rows)


def _ran(finding: Finding) -> str:
    return f", ×{finding.count}" if finding.count > 1 else ""


def _cell(figure: Figure, unit: figures.Unit) -> str:
    if isinstance(figure, Absent):
        return f"absent, because {plain(figure.absent)}"
    return figures.interval(figure, unit)


def _share(comparison: Comparison, finding: Finding, name: SideName) -> str:
    part = energy_j(comparison, finding, name)
    whole = side_of(comparison, name).energy_j
    if isinstance(part, Absent) or isinstance(whole, Absent) or not whole.value:
        return "absent"
    return f"{100 * part.value / whole.value:.1f} %"


def _how_known(result: Result, finding: Finding) -> Iterator[str]:
    """Where the energies come from, in words."""
    shown = [finding.saving_j]
    if isinstance(result, Comparison):
        shown += [energy_j(result, finding, "a"), energy_j(result, finding, "b")]
    sources = {figure.source for figure in shown if isinstance(figure, Quantity)}
    if sources == {"modelled"}:
        yield _MODELLED
    elif sources:
        yield f"These energies are {' and '.join(f'*{source}*' for source in sorted(sources))}."
