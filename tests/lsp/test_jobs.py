"""Runs: answered at once, told of, shown, cancelled whole; bad ones harm nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from magneton.engine.job_messages import Done
from magneton.engine.request import Options
from magneton_agent.schema.codec import to_json

from ..builders import measurement, what_if
from ..engine.fake_jobs import (
    DONE,
    FAILED,
    MEASURING,
    command,
    detached_sleeper,
    is_running,
    say,
)
from .results import compared
from .session import Session, connected

pytestmark = pytest.mark.asyncio
SIDES = {"a": "a.py:build", "b": "b.py:build"}
SLEEP = "time.sleep(600)\n"


def states(session: Session, job: str) -> list[str]:
    return [note.state for note in session.jobs if note.job == job]


async def test_a_comparison_is_told_shown_and_reported(workspace: Path) -> None:
    done = Done("done", comparison=compared(), path=str(workspace / ".magneton/last.json"))
    async with connected(workspace, command(say(MEASURING) + say(done))) as session:
        job = await session.start("compare", SIDES)
        end = await session.job(job, state="done")
        assert session.diagnostics("a.py")  # shown before it is told to be done
        assert (end.kind, end.verdict, end.fraction, end.log) == (
            "compare",
            "performance",
            1.0,
            [],
        )
        assert end.message == (
            "a 2.00 J (1.98 to 2.02) · b 1.50 J (1.49 to 1.51), 25.0 % less · performance"
            " · modelled"
        )
        assert states(session, job)[:2] == ["queued", "running"]
        report = await session.command("report")
        assert report["path"] == str(workspace / ".magneton/last.json")
        assert "the activation is written out in small operators" in report["html"]


async def test_a_result_that_could_not_be_stored_is_shown_all_the_same(workspace: Path) -> None:
    done = Done("done", comparison=compared(), warning="last.json could not be written: disk full")
    async with connected(workspace, command(say(done))) as session:
        end = await session.job(await session.start("compare", SIDES), state="done")
        assert end.message.endswith("\nNot stored: last.json could not be written: disk full")
        assert session.diagnostics("a.py")
        assert (await session.command("report"))["path"] is None


async def test_a_measurement_is_told(workspace: Path) -> None:
    async with connected(
        workspace, command(say(Done("done", measurement=measurement())))
    ) as session:
        end = await session.job(await session.start("measure", {"a": "a.py:build"}), state="done")
        assert (end.kind, end.verdict) == ("measure", None)
        assert end.message == "2.00 J (1.98 to 2.02) a step · 100 ms (99 to 101) · modelled"


async def test_what_a_program_would_save_is_told_and_stands_above_it(
    workspace: Path, tmp_path: Path
) -> None:
    noted = tmp_path / "request"
    program = f"open({str(noted)!r}, 'w').write(json.dumps(request['work']))\n"
    program += say(Done("done", what_if=what_if()))
    async with connected(workspace, command(program)) as session:
        end = await session.job(await session.start("whatIf", {"a": "a.py:build"}), state="done")
        assert end.kind == "what-if"
        told = (
            "2.00 J (1.98 to 2.02) a step · 25.0 % less with tf32 · 100 ms (99 to 101) · modelled"
        )
        assert end.message == told
        assert json.loads(noted.read_text())["knobs"] == []
        assert "Under other settings" in (await session.command("report"))["html"]


async def test_a_programs_own_parameters_are_tried_too(workspace: Path, tmp_path: Path) -> None:
    noted = tmp_path / "request"
    program = f"open({str(noted)!r}, 'w').write(json.dumps(request['work']['knobs']))\n"
    program += say(Done("done", what_if=what_if()))
    asked = {"a": "a.py:build", "knobs": ["batch_size=1,8", "mode=fast"]}
    async with connected(workspace, command(program)) as session:
        await session.job(await session.start("whatIf", asked), state="done")
    assert json.loads(noted.read_text()) == [
        {"name": "batch_size", "values": ["1", "8"]},
        {"name": "mode", "values": ["'fast'"]},
    ]


async def test_the_engine_is_asked_for_what_the_client_asked_for(
    workspace: Path, tmp_path: Path
) -> None:
    noted = tmp_path / "request"
    program = f"open({str(noted)!r}, 'w').write(json.dumps(request['work']))\n" + say(DONE)
    options = {
        "threshold": 0.2,
        "timeBudget": 5,
        "timeout": 9,
        "device": "cpu",
        "argsA": ["-x"],
        "argsB": ["-y", "1"],
    }
    async with connected(workspace, command(program)) as session:
        asked = SIDES | {"python": "/opt/python", "options": options}
        await session.job(await session.start("compare", asked), state="done")
    sides = {
        name: {"target": f"{name}.py:build", "python": "/opt/python", "arguments": given}
        | {"checkout": None}
        for name, given in (("a", ["-x"]), ("b", ["-y", "1"]))
    }
    chosen = Options(threshold=0.2, device="cpu", time_budget_s=5.0, timeout_s=9.0)
    assert json.loads(noted.read_text()) == {
        "workspace": str(workspace),
        **sides,
        "options": to_json(chosen),
    }


async def test_cancelling_ends_every_process_and_is_told(workspace: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = command(detached_sleeper(pid_file) + say(MEASURING) + SLEEP)
    async with connected(workspace, program) as session:
        running = await session.start("compare", SIDES)
        waiting = await session.start("compare", SIDES)
        await session.job(running, phase="measure")
        assert await session.command("cancel", {"job": waiting}) == {"cancelled": True}
        await session.job(waiting, state="cancelled")
        assert states(session, waiting) == ["queued", "cancelled"]
        assert await session.command("cancel", {"job": running}) == {"cancelled": True}
        await session.job(running, state="cancelled")
        assert not is_running(int(pid_file.read_text()))
        assert await session.command("cancel", {"job": running}) == {"cancelled": False}


async def test_a_failure_says_fact_cause_remedy_traceback_and_log(workspace: Path) -> None:
    async with connected(workspace, command(say(FAILED))) as session:
        end = await session.job(await session.start("compare", SIDES), state="failed")
        assert end.message == "Side a failed\nCause: it raised\nRemedy: mend it\n  File a.py"
        assert end.log == ["its last words"]
        assert end.verdict is None


@pytest.mark.parametrize(
    "program",
    ["os.kill(os.getpid(), 9)\n", "print('junk', flush=True)\n" + SLEEP, "raise SystemExit(7)\n"],
    ids=["killed", "junk", "exits"],
)
async def test_the_server_outlives_a_bad_job(workspace: Path, program: str) -> None:
    async with connected(workspace, command(program)) as session:
        await session.job(await session.start("compare", SIDES), state="failed")
        assert await session.titles("a.py") == ["Compare energy…", "Measure energy"]
        await session.job(await session.start("compare", SIDES), state="failed")


@pytest.mark.parametrize(
    ("asked", "sides", "title"),
    [
        ("compare", SIDES, "Magneton: comparing"),
        ("measure", {"a": "a.py:build"}, "Magneton: measuring"),
        ("whatIf", {"a": "a.py:build"}, "Magneton: trying other settings"),
    ],
)
async def test_progress_is_shown_in_the_clients_own_bar(
    workspace: Path, tmp_path: Path, asked: str, sides: dict[str, str], title: str
) -> None:
    go = tmp_path / "go"
    wait = f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    async with connected(workspace, command(say(MEASURING) + wait + say(DONE))) as session:
        job = await session.start(asked, sides)
        reports = await session.eventually(
            lambda: (
                session.client.progress_reports.get(job, [])[2:]
                and session.client.progress_reports[job]
            )
        )
        go.touch()
        await session.job(job, state="done")
        await session.eventually(lambda: isinstance(reports[-1], types.WorkDoneProgressEnd))
    assert reports[0] == types.WorkDoneProgressBegin(title, cancellable=True, percentage=0)
    assert types.WorkDoneProgressReport(message="measure: measuring side a", percentage=50) in [
        types.WorkDoneProgressReport(message=report.message, percentage=report.percentage)
        for report in reports[1:-1]
    ]
    assert reports[-1].message == "done"


async def test_the_bars_cancel_button_cancels_the_job(workspace: Path) -> None:
    async with connected(workspace, command(say(MEASURING) + SLEEP)) as session:
        job = await session.start("compare", SIDES)
        await session.eventually(lambda: session.client.progress_reports.get(job))
        session.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(job))
        await session.job(job, state="cancelled")


async def test_a_client_without_progress_bars_gets_none(workspace: Path) -> None:
    capabilities = client_capabilities("visual-studio-code")
    capabilities.window = types.WindowClientCapabilities(work_done_progress=False)
    program = command(say(MEASURING) + say(DONE))
    async with connected(workspace, program, capabilities=capabilities) as session:
        await session.job(await session.start("compare", SIDES), state="done")
        assert session.client.progress_reports == {}


async def test_a_flood_of_progress_is_thinned_out(workspace: Path) -> None:
    flood = f"for _ in range(2000): {say(MEASURING)}"
    async with connected(workspace, command(flood + say(DONE))) as session:
        job = await session.start("compare", SIDES)
        await session.job(job, state="done")
        assert len(states(session, job)) < 200


async def test_the_interpreter_is_examined_by_a_real_job(workspace: Path) -> None:
    async with connected(workspace) as session:
        end = await session.job(await session.start("doctor"), state="done")
        assert end.kind == "doctor"
        assert sys.executable in end.message
        assert "torch" in end.message


async def test_leaving_ends_running_jobs(workspace: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = command(detached_sleeper(pid_file) + say(MEASURING) + SLEEP)
    async with connected(workspace, program) as session:
        await session.job(await session.start("compare", SIDES), phase="measure")
        assert is_running(int(pid_file.read_text()))
    assert not is_running(int(pid_file.read_text()))
