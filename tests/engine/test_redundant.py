"""Work that one side repeats, found in real processes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from magneton.engine import store
from magneton.engine.comparison import compare
from magneton.engine.measurement import measure
from magneton.engine.request import CompareRequest, MeasureRequest, Options, SideRequest
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison, Finding, SideName
from tests.engine.command import PYTHON

pytestmark = pytest.mark.quiet

REBUILDING = """\
import torch

torch.set_num_threads(1)


class Layer(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = torch.nn.Linear(width, width)

    def forward(self, x):
        return self.linear(x) * table(*x.shape)


def table(rows, width):
    rates = 10000.0 ** -(torch.arange(width) / width)
    angles = torch.outer(torch.arange(rows).float(), rates)
    return torch.cos(angles)


def build():
    model = torch.nn.Sequential(*(Layer(64) for _ in range(4))).requires_grad_(False)
    x = torch.randn(512, 64)
    return lambda: model(x)
"""
PASSING = (
    REBUILDING.replace("forward(self, x)", "forward(self, x, turn)")
    .replace("table(*x.shape)", "turn")
    .replace("torch.nn.Sequential", "torch.nn.ModuleList")
    .replace("(Layer(64) for _ in range(4))", "[Layer(64) for _ in range(4)]")
    .replace("ModuleList(*[", "ModuleList([")
    .replace("return lambda: model(x)", "return lambda: run(model, x)")
    + """

def run(model, x):
    turn = table(*x.shape)
    for layer in model:
        x = layer(x, turn)
    return x
"""
)
OPTIONS = Options(time_budget_s=2.0)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redundant")
    (folder / "rebuilding.py").write_text(REBUILDING)
    (folder / "passing.py").write_text(PASSING)
    return folder


def measured(workspace: Path, target: str) -> Measurement:
    request = MeasureRequest(str(workspace), SideRequest(target, PYTHON), OPTIONS)
    result = asyncio.run(measure(request, lambda progress: None))
    store.encode(result)  # it follows the schema
    return result


def compared(workspace: Path, a: str, b: str) -> Comparison:
    sides = (SideRequest(a, PYTHON), SideRequest(b, PYTHON))
    request = CompareRequest(str(workspace), *sides, OPTIONS)
    result = asyncio.run(compare(request, lambda progress: None))
    store.encode(result)
    return result


def redundant(result: Measurement | Comparison) -> list[Finding]:
    return [each for each in result.findings if each.category == "redundant"]


def check(finding: Finding, side: SideName) -> None:
    """It is the table that four layers compute, of which one is needed."""
    assert (finding.class_, finding.wasteful_side, finding.count) == ("performance", side, 4)
    assert finding.cause is not None
    assert (finding.cause.kind, finding.cause.name) == ("redundant", "torch.cos(angles)")
    assert (finding.cause.wasteful_value, finding.cause.efficient_value) == ("4 times", "once")
    assert finding.message == (
        "`torch.cos(angles)` is computed 4 times from the same values; once is enough"
    )
    assert finding.remedy is not None
    assert finding.remedy.startswith("it depends on no tensor: compute it once")
    assert finding.location is not None
    assert finding.location.path == "rebuilding.py"
    lines = [each.location.start.line for each in finding.evidence if each.location is not None]
    first = REBUILDING.split("\n").index("    rates = 10000.0 ** -(torch.arange(width) / width)")
    assert set(lines) == {first + 1, first + 2, first + 3}
    assert all(" ran 4 times in Sequential.0 to Sequential.3" in e.text for e in finding.evidence)
    assert [each.label for each in finding.instances] == [f"Sequential.{i}" for i in (1, 2, 3)]
    assert isinstance(finding.saving_ratio, Quantity)
    assert 0.01 <= finding.saving_ratio.low <= finding.saving_ratio.value < 1.0


def test_one_side_alone(workspace: Path) -> None:
    result = measured(workspace, "rebuilding.py:build")
    (found,) = result.findings
    check(found, "a")
    assert found.id == "f0"


def test_nothing_is_found_where_it_is_computed_once(workspace: Path) -> None:
    assert measured(workspace, "passing.py:build").findings == ()


def test_the_side_that_repeats_it_is_the_wasteful_one(workspace: Path) -> None:
    result = compared(workspace, "passing.py:build", "rebuilding.py:build")
    (found,) = redundant(result)
    check(found, "b")
    assert result.verdict == "performance"
    assert {each.wasteful_side for each in result.findings} == {"b"}


def test_what_both_sides_repeat_is_a_finding_of_each(workspace: Path) -> None:
    result = compared(workspace, "rebuilding.py:build", "rebuilding.py:build")
    assert [each.wasteful_side for each in sorted(redundant(result), key=str)] in (
        ["a", "b"],
        ["b", "a"],
    )
    assert result.verdict in ("equal", "unresolved")
