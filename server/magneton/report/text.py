"""A result as plain text, read like a good compiler's errors."""

from __future__ import annotations

import textwrap
from pathlib import Path

from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison, Finding, SideName
from magneton_agent.schema.what_if import WhatIf

from . import apart, findings, knobs
from .excerpt import Sources
from .paint import Paint
from .printable import printable_result
from .table import columns
from .text_finding import FindingView
from .text_measurement import breakdown_lines
from .text_source import SourceView
from .text_summary import closing_lines, condition_lines, step_table, version_lines


def render(
    result: Comparison | Measurement, workspace: Path, width: int = 100, colour: bool = False
) -> str:
    """``result`` as text at most ``width`` cells wide where words allow it.

    Source lines are read from ``workspace`` if they are still the measured ones.
    """
    paint = Paint(colour)
    if isinstance(result, Comparison):
        lines = _comparison(printable_result(result), workspace, width, paint)
    else:
        lines = _measurement(printable_result(result), workspace, width, paint)
    return "\n".join(lines) + "\n"


def _comparison(result: Comparison, workspace: Path, width: int, paint: Paint) -> list[str]:
    sides: findings.Sides = {"a": result.sides.a, "b": result.sides.b}
    views: dict[SideName, SourceView] = {
        name: SourceView(Sources(workspace, side.files), paint, width)
        for name, side in sides.items()
    }
    lines = _warning_lines(findings.comparison_warnings(result), paint, width)
    lines += _finding_lines(result.findings, FindingView(result, views, paint, width))
    lines += [*step_table(sides, result.per, paint, width), ""]
    lines += _apart(sides, result, paint)
    lines += [*condition_lines(sides, width), *version_lines(result, width), ""]
    return lines + closing_lines(result, paint, width)


def _measurement(result: Measurement, workspace: Path, width: int, paint: Paint) -> list[str]:
    side: findings.Sides = {"a": result.side}
    view = SourceView(Sources(workspace, result.side.files), paint, width)
    lines = _warning_lines(result.side.conditions.warnings, paint, width)
    lines += _finding_lines(result.findings, FindingView(None, {"a": view}, paint, width))
    if isinstance(result, WhatIf):
        lines += _knob_lines(result, paint, width)
    lines += [
        *breakdown_lines(result.breakdown, view),
        *step_table(side, result.per, paint, width),
        "",
        *_apart(side, result, paint),
    ]
    return [*lines, *condition_lines(side, width)]


def _knob_lines(result: WhatIf, paint: Paint, width: int) -> list[str]:
    heading, *rows = columns(knobs.knob_table(result))
    texts = [*knobs.advice_texts(result), *knobs.untried_texts(result), knobs.LEGEND]
    wrapped = (line for text in texts for line in textwrap.wrap(text, width))
    return [paint(heading, "bold"), *rows, "", *wrapped, ""]


def _apart(sides: findings.Sides, result: Comparison | Measurement, paint: Paint) -> list[str]:
    """Tables of named parts and of ranks, with a sentence for every rank that waits."""
    lines: list[str] = []
    for rows in (apart.phase_rows(sides), apart.rank_rows(result.ranks, sides)):
        if rows:
            heading, *others = columns(rows)
            lines += [paint(heading, "bold"), *others, ""]
    waiting = apart.waiting_texts(result.ranks)
    return [*lines, *waiting, ""] if waiting else lines


def _finding_lines(found: tuple[Finding, ...], view: FindingView) -> list[str]:
    return [line for finding in found for line in (*view.lines(finding), "")]


def _warning_lines(warnings: tuple[str, ...], paint: Paint, width: int) -> list[str]:
    lines: list[str] = []
    for warning in warnings:
        first, *rest = textwrap.wrap(f"warning: {warning}", width, subsequent_indent="  ")
        lines += [paint("warning", "warning") + first[len("warning") :], *rest, ""]
    return lines
