"""Why a range is marked: both sides' figures, the cause, its evidence, the remedy. Elsewhere, what
the line costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types

from magneton.engine.store import Result
from magneton.report.findings import (
    duration_s,
    energy_j,
    evidence_text,
    fix_text,
    headline,
    other_side,
    primary_location,
    saving_text,
    side_of,
)
from magneton.report.text_finding import cause_text
from magneton_agent.schema.location import Position
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent, Figure
from magneton_agent.schema.result import Comparison, Evidence, Finding, SideName

from ..board import Placed
from ..cells import cell, how_known, table
from ..line_costs import line_costs, paragraphs
from ..positions import from_client, to_client_range
from ..server import MagnetonServer, file_of
from ..texts import marked, plain
from ..versions import Lines
from .diagnostics import OLDER

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
            return _line_hover(server, file, lines, position.line)
        text = "\n\n---\n\n".join("\n\n".join(_paragraphs(mark)) for mark in here)
        return _markdown(text, to_client_range(codec, lines, here[0].start, here[0].end))


def _line_hover(server: MagnetonServer, file: Path, lines: Lines, line: int) -> types.Hover | None:
    """What the ranges on a line cost where no mark says more."""
    costs = line_costs(server.board, file, lines, line)
    if not costs:
        return None
    told = [*paragraphs(costs), *([OLDER] if any(each.older for each in costs) else [])]
    start, end = Position(line, 0), Position(line, len(lines[line - 1]))
    span = to_client_range(server.workspace.position_codec, lines, start, end)
    return _markdown("\n\n".join(told), span)


def _markdown(text: str, span: types.Range) -> types.Hover:
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), span)


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
        yield "\n".join(f"- {marked(_evidence_text(each, finding))}" for each in shown)
    if finding.remedy:
        yield f"**Remedy:** {marked(finding.remedy)}"
    if finding.fix:
        yield f"**Fix:** {marked(fix_text(finding.fix))}"
    yield from how_known(_energies(result, finding))


def _evidence_text(evidence: Evidence, finding: Finding) -> str:
    """With its place only where that is another line than the marked one, which is in view."""
    mark, place = primary_location(finding), evidence.location
    if mark is None or place is None:
        return evidence_text(evidence)
    here = (mark.path, mark.start.line) == (place.path, place.start.line)
    return evidence.text if here else evidence_text(evidence)


def _table(comparison: Comparison, finding: Finding) -> str:
    """Three rows; the wasteful side stands first."""
    sides = (finding.wasteful_side, other_side(finding.wasteful_side))
    head = [f"{name}: {plain(side_of(comparison, name).target)}" for name in sides]
    rows = [
        ("energy", *(cell(energy_j(comparison, finding, name), "J") for name in sides)),
        ("time", *(cell(duration_s(comparison, finding, name), "s") for name in sides)),
        ("share of the step", *(_share(comparison, finding, name) for name in sides)),
    ]
    return table((f"a step{_ran(finding)}", *head), rows)


def _repeated_table(finding: Finding) -> str:
    """What all but the needed times cost."""
    rows = [
        ("energy", cell(finding.saving_j, "J")),
        ("share of the step", cell(finding.saving_ratio, "%")),
    ]
    return table((f"a step{_ran(finding)}", "superfluous"), rows)


def _ran(finding: Finding) -> str:
    return f", ×{finding.count}" if finding.count > 1 else ""


def _share(comparison: Comparison, finding: Finding, name: SideName) -> str:
    part = energy_j(comparison, finding, name)
    whole = side_of(comparison, name).energy_j
    if isinstance(part, Absent) or isinstance(whole, Absent) or not whole.value:
        return "absent"
    return f"{100 * part.value / whole.value:.1f} %"


def _energies(result: Result, finding: Finding) -> list[Figure]:
    """The energies that a finding's hover shows."""
    if isinstance(result, Measurement):
        return [finding.saving_j]
    return [finding.saving_j, energy_j(result, finding, "a"), energy_j(result, finding, "b")]
