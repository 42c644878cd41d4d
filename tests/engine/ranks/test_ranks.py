"""Real programs of two ranks on the CPU (gloo), launched, measured and compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.engine.command import QUICK, run

pytestmark = pytest.mark.quiet

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "ranks"
FAILING = """\
import torch.distributed as dist


def build():
    dist.init_process_group("gloo")

    def step():
        if dist.get_rank() == 1:
            raise ValueError("rank one cannot")
        dist.barrier()

    return step
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for file in _FIXTURES.glob("*.py"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_a_rank_that_join_keeps_busy_is_shown_with_the_energy_of_its_waiting(
    workspace: Path,
) -> None:
    arguments = ("compare", "join.py:build", "agreed.py:build", "--nproc", "2", "--json", "r.json")
    ended = run(QUICK, workspace, *arguments)
    assert ended.status == 0, ended.error
    assert ended.left == ()
    result = json.loads((workspace / "r.json").read_text())
    assert result["outputs"]["equal"] is True
    assert [row["rank"] for row in result["ranks"]] == [0, 1]
    busy, finished = (row["a"] for row in result["ranks"])
    even = result["ranks"][1]["b"]
    # Rank 1 has two batches of eighteen, and waits while rank 0 works on fourteen more.
    assert finished["waiting_s"]["value"] > 2 * busy["waiting_s"]["value"]
    assert finished["waiting_s"]["value"] > 0.1 * finished["duration_s"]["value"]
    assert finished["waiting_j"]["value"] > 0
    assert finished["waiting_j"]["source"] == "modelled"
    assert finished["waiting_s"]["value"] > 2 * even["waiting_s"]["value"]
    assert "side a: rank 1 waits" in ended.out
    together = result["sides"]["a"]["ranks_energy_j"]
    each = [busy["energy_j"]["value"], finished["energy_j"]["value"]]
    # The machine idles once, whatever the number of ranks.
    assert max(each) < together["value"] < sum(each)
    assert together["source"] == "modelled"
    assert all(row["residual_j"]["source"] == "modelled" for row in (busy, finished))
    assert "all   a" in ended.out


def test_a_rank_that_fails_ends_the_others_and_is_named(workspace: Path) -> None:
    (workspace / "failing.py").write_text(FAILING)
    ended = run(QUICK, workspace, "measure", "failing.py:build", "--nproc", "2")
    assert ended.status == 3
    assert "the program, rank 1: the step raised ValueError" in ended.error
    assert "rank one cannot" in ended.error
    assert "failing.py" in ended.error
    assert ended.left == ()
