"""Real programs, compared in real processes."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from magneton.analysis.statistics import share_of
from magneton.engine import schedule, store
from magneton.engine.comparison import compare
from magneton.engine.request import CompareRequest, Options, Progress, SideRequest
from magneton.engine.validation import conservation_error
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison, Finding, SideName
from tests.engine.command import PYTHON

pytestmark = pytest.mark.quiet

NET = """\
import torch
from torch.nn import functional as F

torch.set_num_threads(1)  # what else the machine does holds up one thread less than two


class Slow(torch.nn.Module):
    def forward(self, x):
        inner = 0.7978845608028654 * (x + 0.044715 * torch.pow(x, 3.0))
        return 0.5 * x * (1.0 + torch.sinh(inner) / torch.cosh(inner))


class Fast(torch.nn.Module):
    def forward(self, x):
        return F.gelu(x, approximate="tanh")


class Block(torch.nn.Module):
    def __init__(self, width, act="slow"):
        super().__init__()
        self.linear = torch.nn.Linear(width, width)
        self.act = {"slow": Slow, "fast": Fast}[act]()

    def forward(self, x):
        return self.act(self.linear(x))


def total(x, running=True):
    if running:
        return x.logcumsumexp(dim=-1)[:, -1]
    return x.logsumexp(dim=-1)
"""
SLOW = """\
import torch
from net import Block, total


def build():
    é = "😀"; blocks = [Block(width=64) for _ in range(2)]
    x = torch.randn(2048, 64)

    def step():
        with torch.no_grad():
            y = x
            for block in blocks:
                y = block(y)
            return total(y)

    return step
"""
FAST = (
    SLOW.replace("Block(width=64)", 'Block(width=64, act="fast")')
    .replace("total(y)", "total(y, running=False)")
    .replace("x", "rows")
)
TRAINING = """\
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


def request(workspace: Path, a: str, b: str, budget_s: float) -> CompareRequest:
    options = Options(time_budget_s=budget_s, detail_operators=True, timeout_s=120.0)
    return CompareRequest(str(workspace), SideRequest(a, PYTHON), SideRequest(b, PYTHON), options)


def folder(root: Path, **programs: str) -> Path:
    for name, text in programs.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")
    return root


@dataclasses.dataclass(frozen=True)
class Compared:
    """A comparison, what it said on the way, and the wasteful side's program."""

    result: Comparison
    said: list[Progress]
    wasteful: SideName

    def finding(self, cause: str) -> Finding:
        """The finding with that cause."""
        named = {each.cause.name: each for each in self.result.findings if each.cause is not None}
        return named[cause]


@pytest.fixture(scope="module", params=["a", "b"])
def compared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The slow program against the fast one, each as either side."""
    workspace = folder(tmp_path_factory.mktemp("compared"), net=NET, slow=SLOW, fast=FAST)
    targets = ["slow.py:build", "fast.py:build"][:: 1 if request.param == "a" else -1]
    said: list[Progress] = []
    asked = CompareRequest(
        str(workspace),
        SideRequest(targets[0], PYTHON),
        SideRequest(targets[1], PYTHON),
        Options(time_budget_s=3.0, detail_operators=True),
    )
    return Compared(asyncio.run(compare(asked, said.append)), said, request.param)


def text_at(location: Location | None, source: str) -> str:
    """What is written at ``location``, which lies on one line."""
    assert location is not None
    assert location.start.line == location.end.line
    line = source.split("\n")[location.start.line - 1]
    return line[location.start.column : location.end.column]


def test_the_result_is_valid_and_its_parts_add_up(compared: Compared) -> None:
    store.encode(compared.result)
    for side in (compared.result.sides.a, compared.result.sides.b):
        assert conservation_error(side) < 1e-9
        assert isinstance(side.energy_j, Quantity)
        assert 0 < side.energy_j.low <= side.energy_j.value <= side.energy_j.high
        assert side.energy_j.source == "modelled"
        assert side.meter.startswith("model: ")
        assert {"net.py", side.target.partition(":")[0]} <= side.files.keys()


def test_the_verdict_and_the_findings(compared: Compared) -> None:
    result = compared.result
    assert (result.outputs.compared, result.outputs.equal) == ("outputs", True)
    assert result.verdict == "performance"
    assert {each.wasteful_side for each in result.findings} == {compared.wasteful}
    assert {each.class_ for each in result.findings} == {"performance"}
    assert [each.id for each in result.findings] == ["f0", "f1"]
    savings = [
        each.saving_j.value for each in result.findings if isinstance(each.saving_j, Quantity)
    ]
    assert savings == sorted(savings, reverse=True)
    step_j = result.sides.a.energy_j if compared.wasteful == "a" else result.sides.b.energy_j
    for each in result.findings:
        assert isinstance(each.saving_j, Quantity)
        assert isinstance(each.saving_ratio, Quantity)
        assert isinstance(step_j, Quantity)
        assert each.saving_ratio == share_of(each.saving_j, step_j)  # with both doubts


def test_a_callee_is_followed_to_the_constructor_call(compared: Compared) -> None:
    found = compared.finding("act")
    assert found.cause is not None
    assert (found.cause.kind, found.category) == ("argument", "misconfiguration")
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("'slow'", "'fast'")
    # Columns are code points: é and 😀 stand before the call.
    assert text_at(found.cause.location, SLOW) == "Block(width=64)"
    assert found.message.startswith("`act`, left at its default, is 'slow';")
    assert found.remedy == "pass act='fast' to Block"
    assert found.count == 2


def test_an_argument_that_chooses_the_path_is_found(compared: Compared) -> None:
    found = compared.finding("running")
    assert found.cause is not None
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("True", "False")
    assert text_at(found.cause.location, SLOW) == "total(y)"
    assert found.cause.location is not None
    assert found.cause.location.path == "slow.py"


def test_call_paths_start_at_the_users_step(compared: Compared) -> None:
    found = compared.finding("act")
    assert found.location is not None
    assert found.location.path == "net.py"
    assert [place.path for place in found.call_path][:2] == ["slow.py", "net.py"]
    assert found.counterpart is not None
    assert text_at(found.counterpart, NET) == 'F.gelu(x, approximate="tanh")'


def test_regions_of_findings_are_those_of_the_result(compared: Compared) -> None:
    classes = {region.id: region.class_ for region in compared.result.regions}
    for found in compared.result.findings:
        assert {classes[region] for region in found.regions} == {"performance"}
        assert len(found.regions) == found.count


def test_every_operator_is_listed_in_one_region_or_none(compared: Compared) -> None:
    result = compared.result
    assert result.operators is not None
    slow = result.operators.a if compared.wasteful == "a" else result.operators.b
    assert [row.id for row in slow] == list(range(len(slow)))
    assert "aten::sinh" in {row.name for row in slow}
    assert {row.phase for row in slow} == {"forward"}
    listed = [row.name for row in slow if row.region is not None]
    regions = [getattr(region, compared.wasteful).operators for region in result.regions]
    assert sorted(listed) == sorted(name for names in regions for name in names)


def test_progress_goes_through_the_phases(compared: Compared) -> None:
    phases = list(dict.fromkeys(each.phase for each in compared.said))
    assert [each for each in phases if each != "time"] == [
        "load",
        "check",
        "record",
        "measure",
        "match",
        "diagnose",
    ]
    fractions = [each.fraction for each in compared.said]
    assert all(0 < fraction <= 1 for fraction in fractions)
    messages = [each.message for each in compared.said if each.phase == "diagnose"]
    assert messages[:2] == ["loading both programs again", "timing it in fresh processes"]
    looking = list(dict.fromkeys(messages))[2:]
    assert looking[0] == f"difference 1 of {len(looking)}: looking into both programs"


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BLOCKS", 1)
    monkeypatch.setattr(schedule, "_FEWEST_WINDOWS", 1)


@pytest.mark.usefixtures("few_rounds")
def test_a_training_step_is_compared_by_the_parameters_that_it_writes(tmp_path: Path) -> None:
    other = TRAINING.replace("lr=0.1", "lr=0.1, foreach=False").replace("x =", "rows =")
    folder(tmp_path, a=TRAINING, b=other.replace("(x)", "(rows)"))
    result = asyncio.run(
        compare(request(tmp_path, "a.py:build", "b.py:build", 0.01), lambda progress: None)
    )
    store.encode(result)
    assert (result.outputs.compared, result.outputs.equal) == ("parameters", True)
    assert result.operators is not None
    for rows in (result.operators.a, result.operators.b):
        assert {row.phase for row in rows} == {"forward", "backward", "optimizer"}
        backward = [row for row in rows if row.phase == "backward" and row.location is not None]
        assert backward
    assert result.verdict == "unresolved"  # one block decides nothing
    assert result.findings == ()


def test_a_wrong_target_is_refused_before_anything_runs(tmp_path: Path) -> None:
    folder(tmp_path, a=TRAINING)
    with pytest.raises(MagnetonError, match="there is no such file"):
        asyncio.run(
            compare(request(tmp_path, "a.py:build", "b.py:build", 1.0), lambda progress: None)
        )
