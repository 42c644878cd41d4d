"""A real job process: answers, and ends with everything that it started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from magneton.engine.job import _save
from magneton.engine.job_messages import Advanced, DoctorRequest, Done, Event, Failed, Job, Work
from magneton.engine.job_process import job_command
from magneton.engine.request import CompareRequest, MeasureRequest, SideRequest
from magneton_agent.schema.codec import from_json, to_json
from tests import builders

from .fake_jobs import is_running

Started = subprocess.Popen[bytes]


@pytest.fixture
def job() -> Iterator[Started]:
    with subprocess.Popen(
        job_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def hanging_python(tmp_path: Path) -> Path:
    """An interpreter that opens the FIFO ``alive`` for as long as it lives, and hangs."""
    os.mkfifo(tmp_path / "alive")
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec 3> '{tmp_path}/alive'\necho $$ >&3\nexec sleep 600\n")
    python.chmod(0o755)
    return python


def ask(job: Started, python: str) -> None:
    submit(job, DoctorRequest(python))


def submit(job: Started, work: Work) -> None:
    assert job.stdin is not None
    job.stdin.write(json.dumps(to_json(Job(work))).encode() + b"\n")
    job.stdin.flush()


def answer(job: Started) -> Done | Failed:
    """The job's last word; what it tells of its progress before is passed over."""
    assert job.stdout is not None
    while isinstance(event := from_json(Event, json.loads(job.stdout.readline())).event, Advanced):
        pass
    return event


def test_an_examination(job: Started) -> None:
    ask(job, sys.executable)
    done = answer(job)
    assert isinstance(done, Done)
    assert done.examination is not None
    assert done.examination.python == sys.executable
    assert job.wait() == 0


def test_an_error_for_the_user_keeps_its_parts(job: Started) -> None:
    ask(job, "/nowhere/python")
    failed = answer(job)
    assert isinstance(failed, Failed)
    assert failed.fact == "the interpreter /nowhere/python cannot be started"
    assert failed.cause == "no such file or directory"


@pytest.mark.parametrize("stop", ["the server goes", "SIGTERM"])
def test_it_ends_with_its_worker(job: Started, hanging_python: Path, stop: str) -> None:
    ask(job, str(hanging_python))
    with (hanging_python.parent / "alive").open() as alive:
        worker = int(alive.readline())
        if stop == "SIGTERM":
            job.terminate()
        else:
            assert job.stdin is not None
            job.stdin.close()
        assert job.wait() == 4
        assert not is_running(worker)


def test_a_workspace_that_cannot_be_written_to_is_still_compared(
    job: Started, tmp_path: Path
) -> None:
    (tmp_path / ".magneton").write_text("in the way")
    side = SideRequest("missing.py:build", sys.executable)
    submit(job, CompareRequest(str(tmp_path), side, side))
    failed = answer(job)
    assert isinstance(failed, Failed)
    assert "missing.py" in failed.fact  # it came as far as looking for the program


def test_a_result_that_contradicts_itself_is_no_file_but_a_warning(tmp_path: Path) -> None:
    work = MeasureRequest(str(tmp_path), SideRequest("a.py:build", sys.executable))
    wrong = builders.side(operators_j=builders.quantity(9.0))
    path, warning = _save(work, builders.measurement(side=wrong))
    assert path is None
    assert warning is not None
    assert warning.startswith("the result cannot be stored: it contradicts itself: ")


def test_without_a_request_it_just_ends(job: Started) -> None:
    assert job.stdin is not None
    job.stdin.close()
    assert job.wait() == 4
