"""Every process of a job ends, and no other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from magneton.engine.processes import MARKER_VARIABLE, kill_marked, new_marker

SLEEP = "import time; print(flush=True); time.sleep(600)"
DETACHED_CHILD = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)
time.sleep(600)  # to wait for the child would end it too, whichever is killed first
"""


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def start(started: list[subprocess.Popen[str]], program: str, marker: str) -> subprocess.Popen[str]:
    """A marked process that has printed its first, empty line: it runs, with its children."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {MARKER_VARIABLE: marker},
        stdout=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_children_in_sessions_of_their_own_end_too(started: list[subprocess.Popen[str]]) -> None:
    marker = new_marker()
    parent = start(started, DETACHED_CHILD, marker)
    assert kill_marked(marker) == 2
    assert parent.wait() == -9
    assert parent.stdout is not None
    assert parent.stdout.read() == ""  # returns only when the child too has let go of the pipe


def test_nested_markers_end_with_their_parent_but_not_the_other_way(
    started: list[subprocess.Popen[str]],
) -> None:
    job = start(started, SLEEP, "job-1")
    one, other = (start(started, SLEEP, f"job-1/{worker}") for worker in ("one", "other"))
    namesake = start(started, SLEEP, "job-10")
    assert kill_marked("job-1/one") == 1
    assert (one.wait(), other.poll(), job.poll()) == (-9, None, None)
    assert kill_marked("job-1") == 2
    assert (other.wait(), job.wait(), namesake.poll()) == (-9, -9, None)


def test_a_new_marker_nests_in_the_processs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARKER_VARIABLE, "outer")
    assert new_marker().startswith("outer/")
    monkeypatch.delenv(MARKER_VARIABLE)
    assert "/" not in new_marker()


def test_nothing_is_killed_for_a_marker_that_nobody_carries() -> None:
    assert kill_marked(new_marker()) == 0
