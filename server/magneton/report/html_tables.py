"""Tables and bars of the HTML report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from magneton_agent.schema.judging import Per
from magneton_agent.schema.result import KernelRow, Row, Side, SideName
from magneton_agent.schema.versions import differing_versions

from . import figures, findings
from .html_instances import label_of
from .markup import Markup, bar, tag
from .replays import replays_text
from .shares import percent
from .text_summary import each_of, energy_rows, headings, processor, units

Bars = Sequence[tuple[str, Row | None, Row | None]]

_INDENTS = {0: "", 2: "part", 4: "deep"}


def step_table(sides: findings.Sides, per: Per | None) -> Markup:
    """Energy by kind of cost, time and operators, one column a side."""
    rows = [tag("tr", tag("th"), *(tag("th", text) for text in headings(sides)))]
    for label, pick in energy_rows(sides):
        indent = _INDENTS[len(label) - len(label.lstrip())]
        cells = (tag("td", figures.sourced(pick(side), "J")) for side in sides.values())
        rows.append(tag("tr", tag("td", label.strip(), class_=indent), *cells))
    if per is not None:
        cells = (tag("td", figures.sourced(each_of(side), "J")) for side in sides.values())
        rows.append(tag("tr", tag("td", f"each of {units(per)}"), *cells))
    times = (tag("td", figures.sourced(side.duration_s, "s")) for side in sides.values())
    cpu_times = (tag("td", figures.sourced(side.cpu_s, "s")) for side in sides.values())
    counts = (tag("td", str(side.operators)) for side in sides.values())
    rows.append(tag("tr", tag("td", "time of a step"), *times))
    rows.append(tag("tr", tag("td", "CPU time"), *cpu_times))
    rows.append(tag("tr", tag("td", "operators run"), *counts))
    if any(side.replays is not None for side in sides.values()):
        replays = (tag("td", _replays(side)) for side in sides.values())
        rows.append(tag("tr", tag("td", "operators replayed"), *replays))
    return tag("table", *rows)


def plain_table(rows: Sequence[Sequence[str]]) -> Markup:
    """Cells as they are; the first row is the heading."""
    heading, *others = rows
    return tag(
        "table",
        tag("tr", *(tag("th", cell) for cell in heading)),
        *(tag("tr", *(tag("td", cell) for cell in row)) for row in others),
    )


def _replays(side: Side) -> str:
    return replays_text(side.replays) if side.replays is not None else "no sensor"


def twin_bars(pairs: Bars) -> Markup:
    """Two bars a label, side a above side b, all on one scale."""
    scale = _scale([row for _, a, b in pairs for row in (a, b)])
    cells: list[str] = []
    for label, a, b in pairs:
        cells += [
            tag("div", class_="rule"),
            label_of(label, (a, b)),
            *_bar_and_figure(a, scale, "a"),
            *_bar_and_figure(b, scale, "b"),
        ]
    return tag("div", *cells, class_="bars")


def single_bars(rows: Sequence[tuple[str, Row]]) -> Markup:
    """One bar a label."""
    scale = _scale([row for _, row in rows])
    cells: list[str] = []
    for label, row in rows:
        cells += [
            label_of(label, (row,)),
            *_bar_and_figure(row, scale, "a"),
        ]
    return tag("div", *cells, class_="bars single")


def kernel_table(kernels: Mapping[SideName, Sequence[KernelRow]], most: int) -> Markup:
    """GPU time by kernel, one column a side; at most ``most`` kernels."""
    by_side = [{row.name: row for row in rows} for rows in kernels.values()]
    shares = [(name, row.share) for rows in by_side for name, row in rows.items()]
    names = list(dict.fromkeys(name for name, _ in sorted(shares, key=lambda each: -each[1])))
    rows = [tag("tr", tag("th"), *(tag("th", text) for text in headings(kernels)))]
    for name in names[:most]:
        cells = (tag("td", _launched(rows.get(name))) for rows in by_side)
        rows.append(tag("tr", tag("td", tag("code", name)), *cells))
    if len(names) > most:
        rows.append(tag("tr", tag("td", f"… and {len(names) - most} more")))
    return tag("table", *rows)


def _launched(row: KernelRow | None) -> str:
    return "none" if row is None else f"{percent(row.share)}, ×{row.launches}"


def conditions_table(sides: findings.Sides) -> Markup:
    """What ran where, one column a side."""
    heading = headings(sides) if len(sides) > 1 else [""]
    rows = [tag("tr", tag("th"), *(tag("th", text) for text in heading))]
    for label, cells in _conditions(list(sides.values())):
        rows.append(tag("tr", tag("td", label), *(tag("td", cell) for cell in cells)))
    return tag("table", *rows)


def _conditions(sides: list[Side]) -> list[tuple[str, list[str]]]:
    return [
        ("target", [side.target for side in sides]),
        ("device", [f"{side.device}: {processor(side)}" for side in sides]),
        ("meter", [side.meter for side in sides]),
        ("Python, torch", [f"{side.python}, {side.torch}" for side in sides]),
        ("packages", [_listed(side.conditions.packages, " ") for side in sides]),
        *_other_versions(sides),
        ("settings", [_listed(side.conditions.settings, " = ") for side in sides]),
    ]


def _other_versions(sides: list[Side]) -> list[tuple[str, list[str]]]:
    """Of two sides the packages that they ran in other versions, each with its own."""
    packages = [side.conditions.packages for side in sides]
    found = differing_versions(packages[0], packages[-1])
    cells = [
        _listed({name: versions[number] for name, versions in found.items()}, " ")
        for number in range(len(sides))
    ]
    return [("packages in other versions", cells)] if found else []


def _listed(pairs: dict[str, str], between: str) -> str:
    return ", ".join(f"{name}{between}{value}" for name, value in pairs.items())


def _bar_and_figure(row: Row | None, scale: float, class_: str) -> tuple[Markup, Markup]:
    share = findings.joules(row) / scale if scale else 0.0
    text = figures.interval(row.energy_j, "J") if row else "none"
    return tag("span", bar(share, class_) if share else ""), tag("span", text, class_="figure")


def _scale(rows: list[Row | None]) -> float:
    return max((findings.joules(row) for row in rows), default=0.0)
