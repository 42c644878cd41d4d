"""Waste that only another rank than the first has, in real programs of two ranks (gloo)."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from magneton.engine.comparison import compare
from magneton.engine.request import CompareRequest, Options, SideRequest
from magneton.engine.store import encode

pytestmark = pytest.mark.quiet

PROGRAM = """\
import torch
import torch.distributed as dist


def in_order(x):
    return torch.sort(x, dim=-1).values.sum(-1)


def as_they_are(x):
    return x.sum(-1)


def build():
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    x = torch.randn(256, 512)
    rows = {rows}

    def step():
        total = rows(x @ x.T).sum()
        dist.all_reduce(total)
        return total

    return step
"""


def test_a_finding_of_another_rank_is_said_with_its_number(tmp_path: Path) -> None:
    uneven = "as_they_are if dist.get_rank() == 0 else in_order"
    (tmp_path / "a.py").write_text(PROGRAM.replace("{rows}", uneven))
    (tmp_path / "b.py").write_text(PROGRAM.replace("{rows}", "as_they_are"))
    a, b = (SideRequest(f"{name}.py:build", sys.executable) for name in "ab")
    options = Options(device="cpu", nproc=2, time_budget_s=1.0, timeout_s=120.0)
    request = CompareRequest(str(tmp_path), a, b, options)
    result = asyncio.run(compare(request, lambda progress: None))
    (finding,) = result.findings
    assert finding.wasteful_side == "a"
    assert finding.message.startswith("rank 1: ")
    assert finding.evidence[0].text == "rank 1 does this, and rank 0 does not"
    assert finding.location is not None
    assert (finding.location.path, finding.location.start.line) == ("a.py", 6)
    assert finding.regions
    assert set(finding.regions) <= {each.id for each in result.regions}
    assert all(each.startswith("rank1.r") for each in finding.regions)
    assert result.verdict == finding.class_
    encode(result)
