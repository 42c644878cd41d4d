"""Lenses: what can be run before a run, what it found after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from magneton_agent.schema.quantity import Absent
from magneton_agent.schema.result import Sides

from ..builders import measurement, quantity, side
from .results import A_SOURCE, compared, digest, sides, write_files
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio
RUN = ["Compare energy…", "Measure energy"]
COMPARED = "a 2.00 J (1.98 to 2.02) · b 1.50 J (1.49 to 1.51), 25.0 % less · performance · modelled"


async def once_shown(session: Session) -> list[str]:
    await session.eventually(lambda: session.refreshes)
    return await session.titles("a.py")


async def test_functions_that_need_no_arguments_can_be_compared_and_measured(
    workspace: Path,
) -> None:
    async with connected(workspace) as session:
        lenses = await session.lenses("a.py")
    target = {"target": "a.py:build", "uri": session.uri("a.py")}
    assert [(str(lens.range), lens.command) for lens in lenses] == [
        ("3:4-3:9", types.Command("Compare energy…", "magneton.compareFrom", arguments=(target,))),
        ("3:4-3:9", types.Command("Measure energy", "magneton.measureFrom", arguments=(target,))),
    ]


async def test_none_without_torch_in_broken_text_or_where_nothing_may_run(
    workspace: Path,
) -> None:
    (workspace / "plain.py").write_text("def build(): 'torch'\n")
    async with connected(workspace) as session:
        assert await session.titles("plain.py") == []
        session.open("a.py", "import torch\ndef build(:\n")
        assert await session.titles("a.py") == []
        session.open("untitled.py", "import torch\ndef é(): pass\n")
        assert await session.titles("untitled.py") == RUN
    async with connected(workspace, trusted=False) as session:
        assert await session.titles("a.py") == []


async def test_after_a_comparison_one_lens_shows_it_at_each_of_its_targets(
    workspace: Path,
) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        assert await once_shown(session) == [COMPARED]
        (lens,) = await session.lenses("b.py")
        assert lens.command == types.Command(
            COMPARED, "magneton.showReport", arguments=({"workspace": str(workspace)},)
        )
        session.open("a.py")
        session.insert("a.py", 0, 0, "def other(): pass\n")
        assert await session.titles("a.py") == [
            *RUN,
            f"{COMPARED} · measured on an older version",
        ]


async def test_a_lens_opens_the_report_of_its_own_function(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_files(other)
    for folder in (workspace, other):
        store(folder, compared())
    async with connected(workspace, folders=[workspace, other]) as session:
        await session.eventually(lambda: session.diagnostics("a.py"))
        await session.eventually(lambda: session.diagnostics(str(other / "a.py")))
        newest = (await session.command("report"))["path"]
        for folder in (workspace, other):
            (lens,) = await session.lenses(str(folder / "b.py"))
            assert lens.command is not None
            assert lens.command.arguments is not None
            (whose,) = lens.command.arguments
            answer = await session.command("report", whose)
            assert answer["path"] == str(folder / ".magneton/last.json")
        assert newest == str(other / ".magneton/last.json")


async def test_equal_sides_and_absent_energies_claim_no_saving(workspace: Path) -> None:
    same = Sides(sides().a, side(2.0, target="b.py:build"))
    store(workspace, compared(sides=same, verdict="equal"))
    energy = "2.00 J (1.98 to 2.02)"
    async with connected(workspace) as session:
        assert await once_shown(session) == [f"a {energy} · b {energy} · equal · modelled"]
    absent = Sides(sides().a, side(1.0, target="b.py:build", energy_j=Absent("no sensor")))
    store(workspace, compared(sides=absent, verdict="unresolved"))
    async with connected(workspace) as session:
        assert await once_shown(session) == [f"a {energy} · b absent · unresolved · modelled"]


async def test_after_a_measurement_the_lens_shows_its_energy_and_time(workspace: Path) -> None:
    measured = side(
        files={"a.py": digest(A_SOURCE)},
        energy_j=quantity(2.0, source="measured"),
        unmatched_j=Absent("one side alone"),
    )
    store(workspace, measurement(side=measured))
    async with connected(workspace) as session:
        title = "2.00 J (1.98 to 2.02) a step · 100 ms (99 to 101) · measured"
        assert await once_shown(session) == [title]
