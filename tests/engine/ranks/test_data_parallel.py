"""Training that torch splits over ranks (gloo), asked by the engine as a job does."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from magneton.engine.prepare import prepare
from magneton.engine.request import Options, Progress, SideRequest
from magneton.engine.runner import Runner
from magneton_agent.schema.messages import Time, Timed, names_digest

pytestmark = pytest.mark.asyncio

TRAINING = """\
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel


def build():
    dist.init_process_group("gloo")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = DistributedDataParallel(torch.nn.Sequential(*(torch.nn.Linear(8, 8) for _ in "abc")))
    x = torch.ones(4, 8)

    def step():
        model.zero_grad()
        model(x).sum().backward()

    return step
"""


def ignore(progress: Progress) -> None:
    pass


async def test_the_recorded_step_is_one_of_those_that_follow(tmp_path: Path) -> None:
    # In its second step DistributedDataParallel sorts its gradients anew, once and for all.
    (tmp_path / "train.py").write_text(TRAINING)
    options = Options(device="cpu", nproc=2)
    async with AsyncExitStack() as stack:
        runner = Runner("a", SideRequest("train.py:build", sys.executable), str(tmp_path), options)
        side = await stack.enter_async_context(runner)
        prepared = await prepare([side], ignore)
        names = [each.name for each in prepared.recordings[0].operators]
        timed = await side.ask(Time(1, names_digest(names)), Timed)
        assert side.ranks is not None
        assert [len(each.blocks) for each in side.ranks.replies] == [1, 1]
    assert timed.dropped == 0
    assert "c10d::allreduce_" in names
