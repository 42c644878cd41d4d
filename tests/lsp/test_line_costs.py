"""Where no mark says more, a hover says what the ranges on the line cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from magneton_agent.schema.result import Breakdown, Breakdowns, Row

from ..builders import location, measurement, row
from .results import CALL, compared, sides
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio
LAMBDA = location("a.py", 7, 11, end_column=31)
MODELLED = (
    "These energies are *modelled*: estimated from CPU time and step time, not read by a sensor."
)


def ranges(*rows: Row) -> Breakdown:
    return Breakdown(by_range=rows, by_function=(), by_module=())


async def hovered(session: Session, line: int, character: int) -> types.Hover:
    """The hover, once the stored result is shown."""
    await session.eventually(lambda: session.refreshes)
    hover = await session.hover("a.py", line, character)
    assert hover is not None
    return hover


def text(hover: types.Hover) -> str:
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value


async def test_a_line_of_a_measurement(workspace: Path) -> None:
    rows = row("a.py:7:27", 0.5, location=CALL, count=12), row("a.py:7:12", location=LAMBDA)
    store(workspace, measurement(side=sides().a, breakdown=ranges(rows[1], rows[0])))
    async with connected(workspace) as session:
        hover = await hovered(session, 6, 0)
        assert str(hover.range) == "6:0-6:32"
        assert await session.hover("a.py", 5, 6) is None
    assert text(hover).split("\n\n") == [
        "**Magneton: energy of this line**",
        "| a step | energy | time | share of the step |\n"
        "| --- | ---: | ---: | ---: |\n"
        '| lambda\\: \\("é😀", f\\(x\\)\\) | 500 mJ (495 to 505) | 25.0 ms (24.8 to 25.2) | 25.0 %'
        " |\n"
        "| f\\(x\\), ×12 | 500 mJ (495 to 505) | 25.0 ms (24.8 to 25.2) | 25.0 % |",
        MODELLED,
    ]


async def test_a_line_of_a_comparison_names_the_side(workspace: Path) -> None:
    cheap = row("a.py:7:27", 0.1, location=CALL)
    breakdowns = Breakdowns(ranges(cheap), ranges(row("a.py:7:27", 0.3, location=CALL, count=2)))
    store(workspace, compared(breakdowns=breakdowns))
    async with connected(workspace) as session:
        told = text(await hovered(session, 6, 3))
    labels = [line.split(" | ")[0] for line in told.split("\n")[4:6]]
    assert labels == ["| b: f\\(x\\), ×2", "| a: f\\(x\\)"]


async def test_a_share_above_the_whole_step_is_explained(workspace: Path) -> None:
    rows = ranges(row("a.py:7:27", 2.4, location=CALL))
    store(workspace, measurement(side=sides().a, breakdown=rows))
    async with connected(workspace) as session:
        told = text(await hovered(session, 6, 3)).split("\n\n")
    assert told[1].endswith("| 120.0 % |")
    assert told[2].startswith("A share above 100 %: operators are timed in other runs")


async def test_of_many_ranges_the_five_costliest_are_shown(workspace: Path) -> None:
    rows = [
        row(f"a.py:7:{end}", end / 10, location=location("a.py", 7, 26, end_column=end))
        for end in range(24, 31)
    ]
    store(workspace, measurement(side=sides().a, breakdown=ranges(*rows)))
    async with connected(workspace) as session:
        told = text(await hovered(session, 6, 0)).split("\n\n")
    assert told[1].count("\n") == 6
    assert "| 3.00 J " in told[1].split("\n")[2]
    assert told[2] == "… and 2 more on this line, which cost less."


async def test_after_an_edit_it_follows_and_says_so(workspace: Path) -> None:
    store(workspace, measurement(side=sides().a, breakdown=ranges(row(location=CALL))))
    async with connected(workspace) as session:
        assert "older version" not in text(await hovered(session, 6, 0))
        session.open("a.py")
        session.insert("a.py", 0, 0, "\n")
        assert text(await hovered(session, 7, 0)).endswith(
            "Measured on an older version of this file."
        )
        assert await session.hover("a.py", 6, 0) is None
