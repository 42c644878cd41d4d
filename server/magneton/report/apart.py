"""What is costed apart: named parts of a step, and ranks that wait for each other."""

from __future__ import annotations

from collections.abc import Sequence

from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import RankRow, RankSide, SideName

from . import figures
from .findings import Sides

_WORTH_SAYING = 0.01
_PHASES = ["phase", "side", "energy", "time", "operators"]
_RANKS = ["rank", "side", "energy of a step", "time of a step", "waiting", "energy of waiting"]
_RANKS += ["residual"]


def phase_rows(sides: Sides) -> list[list[str]]:
    """A heading, then a row for every named part of every side; [] where no part has a name."""
    rows = [
        [
            row.name,
            name,
            figures.interval(row.energy_j, "J"),
            figures.value(row.duration_s, "s"),
            str(row.operators),
        ]
        for name, side in sides.items()
        for row in side.phases
    ]
    return _named([_PHASES, *rows], sides) if rows else []


def rank_rows(ranks: Sequence[RankRow], sides: Sides) -> list[list[str]]:
    """A heading, a row for every rank of every side, and one for all ranks of a side; [] of single
    processes."""
    rows = [
        [
            str(rank),
            name,
            figures.value(side.energy_j, "J") + _source(side.energy_j, sides[name].energy_j),
            figures.value(side.duration_s, "s"),
            figures.value(side.waiting_s, "s"),
            figures.value(side.waiting_j, "J"),
            figures.value(side.residual_j, "J"),
        ]
        for rank, name, side in _sides(ranks)
    ]
    rows += [
        ["all", name, figures.value(side.ranks_energy_j, "J"), "", "", "", ""]
        for name, side in sides.items()
        if rows and side.ranks_energy_j is not None
    ]
    return _named([_RANKS, *rows], sides) if rows else []


def _source(energy_j: Figure, step_j: Figure) -> str:
    """Where the figure of a rank is from, if not from where that of its side's step is."""
    if not isinstance(energy_j, Quantity) or not isinstance(step_j, Quantity):
        return ""
    return f" ({energy_j.source})" if energy_j.source != step_j.source else ""


def _named(rows: list[list[str]], sides: Sides) -> list[list[str]]:
    """``rows``, without the column that names the side where there is only one."""
    return rows if len(sides) > 1 else [[row[0], *row[2:]] for row in rows]


def waiting_texts(ranks: Sequence[RankRow]) -> list[str]:
    """``side a: rank 1 waits 38 % of its step for other ranks: 0.42 J``, of each that does."""
    alone = all(row.b is None for row in ranks)
    found = [(name, text) for rank, name, side in _sides(ranks) if (text := _waiting(rank, side))]
    return [text if alone else f"side {name}: {text}" for name, text in found]


def _waiting(rank: int, side: RankSide) -> str | None:
    wait, step = side.waiting_s, side.duration_s
    if not isinstance(wait, Quantity) or not isinstance(step, Quantity):
        return None
    share = wait.value / step.value
    if share < _WORTH_SAYING:
        return None
    energy = figures.value(side.waiting_j, "J")
    return f"rank {rank} waits {share * 100:.0f} % of its step for other ranks: {energy}"


def _sides(ranks: Sequence[RankRow]) -> list[tuple[int, SideName, RankSide]]:
    found: list[tuple[int, SideName, RankSide]] = []
    for row in ranks:
        found.append((row.rank, "a", row.a))
        if row.b is not None:
            found.append((row.rank, "b", row.b))
    return found
