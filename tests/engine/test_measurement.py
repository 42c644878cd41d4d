"""One real program alone: every kind of target, and what is told of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from magneton.engine import schedule, store
from magneton.engine.measurement import measure
from magneton.engine.request import MeasureRequest, Options, Progress, SideRequest
from magneton.engine.runner import Runner
from magneton.engine.validation import conservation_error
from magneton.report import text
from magneton_agent.schema.location import Frame
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.messages import Inspect, Inspected, Probe, Probed, Site
from magneton_agent.schema.quantity import Absent, Quantity
from tests.engine.command import PYTHON

pytestmark = pytest.mark.quiet

PROGRAM = """\
import sys
import torch

torch.set_num_threads(1)


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor


def build():
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU()).requires_grad_(False)
    x = torch.randn(4, 8)
    return lambda: model(x)


def train(x, scale):
    return scale(x).exp()


def main():
    scale = Scale(3.0)
    for _ in range(int(sys.argv[1])):
        train(torch.ones(4, 4), scale)


if __name__ == "__main__":
    main()
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(schedule, "BLOCKS", 1)
    monkeypatch.setattr(schedule, "_FEWEST_WINDOWS", 1)
    (tmp_path / "package").mkdir()
    for path in (tmp_path / "program.py", tmp_path / "package" / "inner.py"):
        path.write_text(PROGRAM)
    return tmp_path


def measured(
    workspace: Path,
    target: str,
    step: str | None = None,
    steps: int = 0,
    said: list[Progress] | None = None,
) -> Measurement:
    """The target, measured quickly; as a script it makes ``steps``."""
    options = Options(step=step, time_budget_s=0.01, detail_operators=True)
    request = MeasureRequest(str(workspace), SideRequest(target, PYTHON, (str(steps),)), options)
    heard = said if said is not None else []
    result = asyncio.run(measure(request, heard.append))
    store.encode(result)  # it follows the schema, and its parts add up
    return result


def operators(result: Measurement) -> list[str]:
    assert result.operators is not None
    return [row.name for row in result.operators]


def test_a_callable(workspace: Path) -> None:
    said: list[Progress] = []
    result = measured(workspace, "program.py:build", said=said)
    assert operators(result) == ["aten::t", "aten::addmm", "aten::relu"]
    side = result.side
    assert conservation_error(side) < 1e-9
    assert isinstance(side.unmatched_j, Absent)
    assert isinstance(side.energy_j, Quantity)
    assert side.energy_j.source == "modelled"
    assert (side.target, side.device, side.operators) == ("program.py:build", "cpu", 3)
    assert side.files.keys() == {"program.py"}
    assert [row.label for row in result.breakdown.by_function] == ["build.<locals>.<lambda>"]
    assert {row.label for row in result.breakdown.by_module} == {"Sequential.0", "Sequential.1"}
    (place,) = result.breakdown.by_range
    assert place.label == "program.py:18:20"
    assert text.render(result, workspace).count("model(x)") == 1
    assert [each.phase for each in said][:4] == ["load", "check", "record", "measure"]


def test_a_module(workspace: Path) -> None:
    result = measured(workspace, "package.inner:build")
    assert operators(result) == ["aten::t", "aten::addmm", "aten::relu"]
    assert result.breakdown.by_range[0].label == "package/inner.py:18:20"


def test_a_scripts_step(workspace: Path) -> None:
    result = measured(workspace, "program.py", step="train", steps=100_000)
    assert operators(result) == ["aten::mul", "aten::exp"]
    assert {row.label for row in result.breakdown.by_function} >= {"train", "Scale.__call__"}


def test_a_whole_script(workspace: Path) -> None:
    result = measured(workspace, "program.py", steps=8)
    assert operators(result).count("aten::exp") == 8
    assert {row.label for row in result.breakdown.by_function} >= {"main", "train"}


def test_what_was_seen_of_a_script_can_be_asked_after_its_end(workspace: Path) -> None:
    line = PROGRAM.split("\n").index("    return scale(x).exp()") + 1
    site = Site(str(workspace / "program.py"), "train", line - 1, line)

    async def ask() -> tuple[Inspected, Inspected]:
        side = SideRequest("program.py", PYTHON, ("3",))
        runner = Runner("a", side, str(workspace), Options(), trace_construction=True)
        async with runner:
            ((visit, *_),) = (await runner.ask(Probe((site,)), Probed)).sites
            scale = (await runner.ask(Inspect("value", visit.moment, "scale"), Inspected)).value
            assert scale is not None
            assert scale.type == "__main__.Scale"
            told = await runner.ask(Inspect("moment", scale.builders[0]), Inspected)
            return told, await runner.ask(
                Inspect("entered", scale.builders[0], "factor"), Inspected
            )

    told, inspected = asyncio.run(ask())
    built: Frame = told.places[1]
    assert (built.function, built.line) == ("main", PROGRAM.split("\n").index("def main():") + 2)
    assert inspected.value is not None
    assert inspected.value.value == "3.0"
