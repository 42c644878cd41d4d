"""Starting the agent, before torch is there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import magneton_agent
from magneton_agent import bootstrap
from magneton_agent.schema.messages import Failure

from .agents import FOLDER, Agent


def test_an_interpreter_without_torch(tmp_path: Path) -> None:
    with Agent(tmp_path, options=("-S",)) as agent:  # -S: no site-packages, so no torch
        failure = agent.hear(Failure)
        assert agent.ended() == 0
    assert (failure.kind, failure.fact) == ("target", f"{sys.executable} has no usable torch")
    assert failure.cause == "No module named 'torch'"


def test_nothing_of_the_programs_folder_is_imported_while_starting(tmp_path: Path) -> None:
    for name in ("json", "importlib", "torch", "serve", "schema", "context"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')\n")
    with Agent(tmp_path, options=("-S",)) as agent:
        assert agent.hear(Failure).cause == "No module named 'torch'"
        assert agent.ended() == 0
    assert agent.printed == ""


@pytest.fixture
def package_restored() -> Iterator[None]:
    yield
    sys.modules["magneton_agent"] = magneton_agent


@pytest.mark.usefixtures("package_restored")
def test_a_python_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    read, write = os.pipe()
    bootstrap._start(write, os.getpid(), str(FOLDER), {})
    os.close(write)
    with os.fdopen(read) as answer:
        body = json.loads(answer.read())["body"]
    assert body["fact"] == f"{sys.executable} is Python 3.10"
    assert body["cause"] == "Magneton needs 3.11 or newer"
