"""Runs of real programs through the real server, engine and agents."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from ..engine.fake_jobs import is_running
from .session import Session, connected

pytestmark = [pytest.mark.quiet, pytest.mark.asyncio]
PROGRAM = """\
import torch


def activation(x):
    return {activation}


def build():
    torch.manual_seed(0)
    first, second = torch.nn.Linear(256, 2048), torch.nn.Linear(2048, 256)
    x = torch.randn(256, 256)

    @torch.no_grad()
    def step():
        return second(activation(first(x)))

    return step
"""
WRITTEN_OUT = "0.5 * x * (1.0 + torch.tanh(0.7978845608 * (x + 0.044715 * torch.pow(x, 3.0))))"
FUSED = 'torch.nn.functional.gelu(x, approximate="tanh")'
RAISES = "torch.ones(2, 3) @ torch.ones(2, 3)"
SIDES = {"a": "a.py:build", "b": "b.py:build"}
LATER_PHASES = {"time", "match", "diagnose"}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """``a.py`` writes an activation out that ``b.py`` calls fused; ``raises.py`` fails."""
    for name, activation in (("a", WRITTEN_OUT), ("b", FUSED), ("raises", RAISES)):
        (tmp_path / f"{name}.py").write_text(PROGRAM.format(activation=activation))
    return tmp_path


def workers(workspace: Path) -> set[int]:
    """The agents that run programs of ``workspace``: their command lines name it."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"magneton_agent" in command and str(workspace).encode() in command:
            found.add(int(entry.name))
    return found


async def start_measuring(session: Session, budget_s: float) -> str:
    """Start the comparison; returns its job once it measures, both agents at work."""
    job = await session.start("compare", SIDES | {"options": {"timeBudget": budget_s}})
    await session.job(job, phase="measure")
    assert len(workers(session.workspace)) >= 2
    return job


async def test_a_comparison_is_shown_and_the_server_answers_meanwhile(programs: Path) -> None:
    async with connected(programs) as session:
        session.open("a.py")
        job = await start_measuring(session, 4)
        session.insert("a.py", 0, 0, "# typed while it measures\n")
        assert await session.hover("a.py", 5, 12) is None
        assert await session.titles("a.py") == ["Compare energy…", "Measure energy"]
        assert session.jobs[-1].state == "running"
        assert not LATER_PHASES & {note.phase for note in session.jobs}

        end = await session.job(job, state="done")
        phases = [note.phase for note in session.jobs if note.state == "running"]
        assert {"load", "measure"} <= set(phases)
        assert end.verdict == "performance"
        (diagnostic,) = session.diagnostics("a.py")
        assert diagnostic.code == "magneton-performance"
        assert diagnostic.message.endswith("\nMeasured on an older version of this file.")
        assert diagnostic.range.start.line == diagnostic.range.end.line == 5
        marked = slice(diagnostic.range.start.character, diagnostic.range.end.character)
        assert "torch." in f"    return {WRITTEN_OUT}"[marked]
        hover = await session.hover("a.py", 5, diagnostic.range.start.character)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "*modelled*" in hover.contents.value
        assert "gelu" in hover.contents.value
        (title,) = await session.titles("b.py")
        assert title.startswith("a ")
    assert (programs / ".magneton/last.json").is_file()
    async with connected(programs, trusted=False) as session:
        assert await session.eventually(lambda: session.diagnostics("a.py"))


async def test_cancelling_while_it_measures_ends_both_agents(programs: Path) -> None:
    async with connected(programs) as session:
        job = await start_measuring(session, 60)
        running = workers(programs)
        assert await session.command("cancel", {"job": job}) == {"cancelled": True}
        await session.job(job, state="cancelled")
        assert not any(is_running(pid) for pid in running)
        assert not (programs / ".magneton/last.json").exists()


async def test_a_killed_server_takes_its_agents_with_it(programs: Path) -> None:
    async with connected(programs) as session:
        await start_measuring(session, 60)
        running = workers(programs)
        session.server.kill()
        await session.eventually(lambda: not any(is_running(pid) for pid in running))
        await session.server.wait()


async def test_exit_without_shutdown_ends_the_agents_too(programs: Path) -> None:
    async with connected(programs) as session:
        await start_measuring(session, 60)
        running = workers(programs)
        session.client.exit(None)
        await session.server.wait()
        assert not any(is_running(pid) for pid in running)


async def test_a_measurement_shows_its_energy_above_the_function(programs: Path) -> None:
    async with connected(programs) as session:
        options = {"options": {"timeBudget": 1}}
        job = await session.start("measure", {"a": "b.py:build"} | options)
        end = await session.job(job, state="done")
        assert end.kind == "measure"
        (title,) = await session.titles("b.py")
        assert title == end.message
        assert title.endswith(" · modelled")


async def test_a_step_that_raises_is_explained_with_the_users_frames(programs: Path) -> None:
    async with connected(programs) as session:
        job = await session.start("compare", {"a": "raises.py:build", "b": "b.py:build"})
        end = await session.job(job, state="failed")
        assert "raises.py" in end.message
        assert "Remedy: " in end.message
        assert "magneton_agent" not in end.message
        await session.job(await session.start("doctor"), state="done")
