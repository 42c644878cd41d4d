"""A result as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Breakdown, Comparison, Row, SideName
from magneton_agent.schema.what_if import WhatIf

from . import apart, findings, knobs
from .excerpt import Sources
from .html_finding import FindingPage
from .html_front import front_chart
from .html_tables import (
    Bars,
    conditions_table,
    kernel_table,
    plain_table,
    single_bars,
    step_table,
    twin_bars,
)
from .markup import Markup, page, tag
from .printable import printable_result
from .text_summary import modelled_text, outputs_text, resolvable_texts, verdict_text

_MOST_ROWS = 25


def render(result: Comparison | Measurement, workspace: Path) -> str:
    """``result`` as an HTML page; source is quoted from ``workspace`` while it is unchanged."""
    shown = printable_result(result)
    if isinstance(shown, Comparison):
        return page(f"Magneton: {shown.verdict}", *_comparison(shown, workspace))
    return page("Magneton: measurement", *_measurement(shown, workspace))


def _comparison(result: Comparison, workspace: Path) -> list[Markup]:
    sides: findings.Sides = {"a": result.sides.a, "b": result.sides.b}
    sources: dict[SideName, Sources] = {
        name: Sources(workspace, side.files) for name, side in sides.items()
    }
    view = FindingPage(result, sources)
    return [
        *_warnings(findings.comparison_warnings(result)),
        tag(
            "h1",
            tag("span", result.verdict, class_=f"verdict {result.verdict}"),
            f": {verdict_text(result)}",
        ),
        *(tag("p", text) for text in resolvable_texts(result)),
        tag("p", outputs_text(result.outputs)),
        _legend(result.sides.a.target, result.sides.b.target),
        tag("h2", "Energy of a step"),
        step_table(sides, result.per),
        *_apart(sides, result),
        tag("h2", f"Findings ({len(result.findings)})"),
        *(view.article(finding) for finding in result.findings),
        *([] if result.findings else [tag("p", "None.", class_="quiet")]),
        tag("h2", "Energy by module"),
        twin_bars(_pairs(result.breakdowns.a.by_module, result.breakdowns.b.by_module)),
        *_kernels({"a": result.breakdowns.a, "b": result.breakdowns.b}),
        *_foot(sides, result.created, result.magneton_version),
    ]


def _measurement(result: Measurement, workspace: Path) -> list[Markup]:
    sides: findings.Sides = {"a": result.side}
    return [
        *_warnings(findings.warnings(sides)),
        tag("h1", f"Where {result.side.target} spends energy"),
        tag("h2", "Energy of a step"),
        step_table(sides, result.per),
        *_apart(sides, result),
        *(_knobs(result) if isinstance(result, WhatIf) else []),
        *_repeated(result, workspace),
        *_breakdown(result.breakdown),
        *_kernels({"a": result.breakdown}),
        *_foot(sides, result.created, result.magneton_version),
    ]


def _knobs(result: WhatIf) -> list[Markup]:
    texts = [*knobs.advice_texts(result), *knobs.untried_texts(result)]
    return [
        tag("h2", "Under other settings"),
        front_chart(result),
        plain_table(knobs.knob_table(result)),
        *(tag("p", text) for text in texts),
        tag("p", knobs.LEGEND, class_="quiet"),
    ]


def _apart(sides: findings.Sides, result: Comparison | Measurement) -> list[Markup]:
    parts: list[Markup] = []
    for title, rows in (
        ("Named phases", apart.phase_rows(sides)),
        ("Ranks", apart.rank_rows(result.ranks, sides)),
    ):
        if rows:
            parts += [tag("h2", title), plain_table(rows)]
    return [*parts, *(tag("p", text) for text in apart.waiting_texts(result.ranks))]


def _repeated(result: Measurement, workspace: Path) -> list[Markup]:
    view = FindingPage(None, {"a": Sources(workspace, result.side.files)})
    articles = [view.article(finding) for finding in result.findings]
    return [tag("h2", f"Findings ({len(articles)})"), *articles] if articles else []


def _breakdown(breakdown: Breakdown) -> list[Markup]:
    tables = (
        ("source range", breakdown.by_range),
        ("function", breakdown.by_function),
        ("module", breakdown.by_module),
    )
    parts: list[Markup] = []
    for title, rows in tables:
        shown = [(row.label, row) for row in rows[:_MOST_ROWS]]
        parts += [tag("h2", f"Energy by {title}"), single_bars(shown)]
    return parts


def _kernels(breakdowns: Mapping[SideName, Breakdown]) -> list[Markup]:
    kernels = {name: each.by_kernel for name, each in breakdowns.items()}
    if not any(kernels.values()):
        return []
    return [tag("h2", "GPU time by kernel"), kernel_table(kernels, _MOST_ROWS)]


def _pairs(a: tuple[Row, ...], b: tuple[Row, ...]) -> Bars:
    """Rows of both sides by label, the costliest first; None where a side has no such row."""
    by_a, by_b = {row.label: row for row in a}, {row.label: row for row in b}
    labels = sorted({**by_a, **by_b}, key=lambda label: -_largest(by_a.get(label), by_b.get(label)))
    return [(label, by_a.get(label), by_b.get(label)) for label in labels[:_MOST_ROWS]]


def _largest(*rows: Row | None) -> float:
    return max(findings.joules(row) for row in rows)


def _warnings(texts: tuple[str, ...]) -> list[Markup]:
    return [tag("p", tag("strong", "Warning: "), text, class_="warning") for text in texts]


def _legend(a: str, b: str) -> Markup:
    return tag(
        "p",
        tag("span", class_="key a"),
        "side a: ",
        tag("code", a),
        tag("span", class_="key b"),
        "side b: ",
        tag("code", b),
    )


def _foot(sides: findings.Sides, created: str, version: str) -> list[Markup]:
    return [
        tag("h2", "Conditions"),
        conditions_table(sides),
        *(tag("p", text, class_="quiet") for text in modelled_text(sides)),
        tag("p", f"Made by Magneton {version}, {created}.", class_="quiet"),
    ]
