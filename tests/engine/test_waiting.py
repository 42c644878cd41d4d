"""A program that spins while it waits against one that sleeps: seen in result and report."""

from __future__ import annotations

from pathlib import Path

import pytest

from magneton.engine.comparison import compare
from magneton.engine.request import CompareRequest, Options, SideRequest
from magneton.report import text
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Side
from tests.engine.command import PYTHON

pytestmark = [pytest.mark.quiet, pytest.mark.asyncio]

PROGRAM = """\
import time

import torch

READY_S = 0.05  # something that the program waits for happens after so long


def build():
    x = torch.ones(8)

    def step():
        ready = time.monotonic() + READY_S
        {waiting}
        return x + 1

    return step
"""
SPINNING = PROGRAM.format(waiting="while time.monotonic() < ready: pass")
SLEEPING = PROGRAM.format(waiting="time.sleep(ready - time.monotonic())")


def cpus(side: Side) -> float:
    """How many CPUs a step keeps busy."""
    assert isinstance(side.cpu_s, Quantity)
    assert side.cpu_s.source == "measured"
    assert isinstance(side.duration_s, Quantity)
    return side.cpu_s.value / side.duration_s.value


async def test_spinning_is_seen_in_cpu_time_and_said(tmp_path: Path) -> None:
    (tmp_path / "spinning.py").write_text(SPINNING, encoding="utf-8")
    (tmp_path / "sleeping.py").write_text(SLEEPING, encoding="utf-8")
    a, b = (SideRequest(f"{name}.py:build", PYTHON) for name in ("spinning", "sleeping"))
    request = CompareRequest(str(tmp_path), a, b, Options(time_budget_s=3.0, timeout_s=120.0))
    found = await compare(request, lambda progress: None)
    assert cpus(found.sides.a) > 0.3
    assert cpus(found.sides.b) < 0.1
    report = text.render(found, tmp_path, width=1000)
    assert "\nCPU time " in report
