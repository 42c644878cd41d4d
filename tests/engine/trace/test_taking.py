"""Real programs traced and compared with what they became, in real processes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from magneton.engine import schedule, store
from magneton.engine.comparison import compare
from magneton.engine.measurement import measure
from magneton.engine.request import (
    CompareRequest,
    MeasureRequest,
    Options,
    Progress,
    SideRequest,
)
from magneton.engine.trace.format import Trace
from magneton.engine.trace.store import read_trace
from magneton.engine.trace.taking import take_trace
from magneton.report import text
from magneton_agent.schema.result import Comparison
from tests.engine.command import MAGNETON, PYTHON, QUICK, run

pytestmark = pytest.mark.quiet

SLOW = """\
import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def build():
    linear = torch.nn.Linear(64, 64).requires_grad_(False)
    x = torch.randn(2048, 64)

    def step():
        y = linear(x)
        é = "😀"; return y.logcumsumexp(dim=-1)[:, -1]

    return step
"""
FAST = SLOW.replace("y.logcumsumexp(dim=-1)[:, -1]", "y.logsumexp(dim=-1)")
OPTIONS = Options(time_budget_s=2.0, timeout_s=120.0)


def ignore(progress: Progress) -> None:
    pass


def taken(workspace: Path, target: str, file: str, options: Options = OPTIONS) -> Trace:
    request = MeasureRequest(str(workspace), SideRequest(target, PYTHON), options)
    return asyncio.run(take_trace(request, workspace / file, ignore))


def compared(workspace: Path, a: str, b: str, options: Options = OPTIONS) -> Comparison:
    request = CompareRequest(
        str(workspace), SideRequest(a, PYTHON), SideRequest(b, PYTHON), options
    )
    result = asyncio.run(compare(request, ignore))
    store.encode(result)  # it follows the schema, and its parts add up
    return result


@dataclass(frozen=True)
class Changed:
    """A program that was traced, made faster, and compared with its trace."""

    workspace: Path
    trace: Trace
    result: Comparison


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Changed:
    workspace = tmp_path_factory.mktemp("changed")
    (workspace / "net.py").write_text(SLOW, encoding="utf-8")
    trace = taken(workspace, "net.py:build", "before.magneton-trace")
    (workspace / "net.py").write_text(FAST, encoding="utf-8")
    result = compared(workspace, "before.magneton-trace", "net.py:build")
    return Changed(workspace, trace, result)


def test_what_was_taken_is_what_was_written(changed: Changed) -> None:
    file = changed.workspace / "before.magneton-trace"
    found = read_trace(file, changed.workspace).trace
    assert found == changed.trace
    assert [len(found.first.blocks), len(found.second.blocks if found.second else ())] >= [16, 16]
    assert "aten::logcumsumexp" in {each.name for each in found.recording.operators}
    assert found.checked.repeat[0].equal


def test_the_difference_between_then_and_now_is_found(changed: Changed) -> None:
    result = changed.result
    assert (result.outputs.compared, result.outputs.equal) == ("outputs", True)
    assert result.verdict == "performance"
    (finding,) = result.findings
    assert finding.wasteful_side == "a"
    assert finding.cause is not None
    assert finding.cause.kind == "call"


def test_places_are_those_of_the_old_source(changed: Changed) -> None:
    (finding,) = changed.result.findings
    assert finding.location is not None
    assert finding.location.path == "net.py"
    line = SLOW.split("\n")[finding.location.start.line - 1]
    marked = line[finding.location.start.column : finding.location.end.column]
    assert marked.startswith("y.logcumsumexp(dim=-1)")
    assert finding.cause is not None
    assert finding.cause.wasteful_value == marked
    assert finding.cause.efficient_value == "y.logsumexp(dim=-1)"


def test_the_result_says_that_a_trace_was_compared(changed: Changed) -> None:
    result = changed.result
    for side in (result.sides.a, result.sides.b):
        assert side.target == "net.py:build"
        assert side.conditions.warnings[0].startswith("side a was traced earlier (")
    evidence = {each.kind: each.text for each in result.findings[0].evidence}
    assert evidence["trace"].startswith("side a is a trace: a run that is over cannot be asked")
    report = text.render(result, changed.workspace)
    assert "side a was traced earlier" in report
    assert "the file has changed since it was measured" in report


def test_two_traces_find_the_same(changed: Changed) -> None:
    taken(changed.workspace, "net.py:build", "after.magneton-trace")
    result = compared(changed.workspace, "after.magneton-trace", "before.magneton-trace")
    (finding,) = result.findings
    assert finding.wasteful_side == "b"
    assert [each.kind for each in finding.evidence].count("trace") == 2
    assert (result.outputs.equal, result.verdict) == (True, "performance")


def test_a_trace_can_be_looked_at_alone(changed: Changed) -> None:
    request = MeasureRequest(
        str(changed.workspace), SideRequest("before.magneton-trace", PYTHON), OPTIONS
    )
    result = asyncio.run(measure(request, ignore))
    store.encode(result)
    assert "net.py:13:" in result.breakdown.by_range[0].label


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(SLOW, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("target", "one_shot"), [("net.py:build", False), ("run.py", True)])
def test_the_command(workspace: Path, target: str, one_shot: bool) -> None:
    (workspace / "run.py").write_text("from net import build\nbuild()()\n")
    ended = run(QUICK, workspace, "trace", target, "-o", "kept.trace")
    assert (ended.status, ended.left) == (0, ())
    assert ended.out.startswith("kept.trace: ")
    assert f"operators of {target}, " in ended.out
    trace = read_trace(workspace / "kept.trace", workspace).trace
    assert (trace.one_shot, trace.second is None) == (one_shot, one_shot)
    compared_ = run(QUICK, workspace, "compare", "kept.trace", target, "--json", "result.json")
    assert (compared_.status, compared_.left) == (0, ())
    result = json.loads((workspace / "result.json").read_text())
    assert result["schema"] == "magneton.comparison/1"
    assert result["sides"]["a"]["target"] == target
    assert "side a was traced earlier" in compared_.out


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        ("trace net.py:build", 2, None),
        ("trace net.py:build -o -", 2, None),
        ("trace net.py:build -o nowhere/a.trace", 2, "nowhere/a.trace cannot be written"),
        ("trace nte.py:build -o a.trace", 2, "'nte.py:build': there is no such file"),
        ("trace b.magneton-trace -o a.trace", 2, "b.magneton-trace is a trace already"),
        ("compare net.py:build b.magneton-trace", 2, "{}/b.magneton-trace could not be read"),
        ("measure b.magneton-trace", 2, "{}/b.magneton-trace could not be read"),
    ],
)
def test_wrong_use(workspace: Path, arguments: str, status: int, error: str | None) -> None:
    ended = run(MAGNETON, workspace, *arguments.split())
    assert (ended.status, ended.out, ended.left) == (status, "", ())
    assert error is None or ended.said("error") == error.format(workspace)
    assert not (workspace / "a.trace").exists()


def test_a_program_that_fails_leaves_no_file(workspace: Path) -> None:
    (workspace / "bad.py").write_text("def build():\n    return lambda: 1 / 0\n")
    (workspace / "a.trace").write_text("older")
    ended = run(QUICK, workspace, "trace", "bad.py:build", "-o", "a.trace")
    assert (ended.status, ended.left) == (3, ())
    assert ended.said("error").startswith("the step raised ZeroDivisionError")
    assert (workspace / "a.trace").read_text() == "older"


def test_a_training_step_is_compared_by_its_parameters(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "BLOCKS", 1)
    monkeypatch.setattr(schedule, "_FEWEST_WINDOWS", 1)
    (workspace / "train.py").write_text(
        """\
import torch


def build():
    model = torch.nn.Linear(8, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(16, 8)

    def step():
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()

    return step
"""
    )
    quick = replace(OPTIONS, time_budget_s=0.01)
    found = taken(workspace, "train.py:build", "train.magneton-trace", quick)
    assert (found.checked.kind, len(found.outputs)) == ("parameters", 2)
    result = compared(workspace, "train.py:build", "train.magneton-trace", quick)
    assert (result.outputs.compared, result.outputs.equal) == ("parameters", True)
