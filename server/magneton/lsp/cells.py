"""Figures in a hover's tables, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from magneton.report import figures
from magneton_agent.schema.quantity import Absent, Figure, Quantity

from .texts import plain

_MODELLED = (
    "These energies are *modelled*: estimated from CPU time and step time, not read by a sensor."
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is words, the others figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def cell(figure: Figure, unit: figures.Unit) -> str:
    if isinstance(figure, Absent):
        return f"absent, because {plain(figure.absent)}"
    return figures.interval(figure, unit)


def how_known(energies: Iterable[Figure]) -> Iterator[str]:
    """Where the energies come from, in words."""
    sources = {figure.source for figure in energies if isinstance(figure, Quantity)}
    if sources == {"modelled"}:
        yield _MODELLED
    elif sources:
        yield f"These energies are {' and '.join(f'*{source}*' for source in sorted(sources))}."
