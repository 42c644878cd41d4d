"""What is said of repeated work, from real recordings and times made by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from magneton.analysis.cost import retimed
from magneton.engine.assemble import Sites
from magneton.engine.redundant import suspect
from magneton.source.positions import Locator
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import Finding
from tests.agent.recordings import recorded
from tests.analysis.steps import blocks, cost, exact

HERE = Path(__file__)


def findings(recording: Recording, seconds: float = 1.0) -> tuple[Finding, ...]:
    """The findings of a step in which every operator takes so long, in the workspace of this
    file."""
    count = len(recording.operators)
    step = cost(blocks(*[(seconds,) * count] * 6), (1.0,) * count, energy_j=float(count))
    return suspect("b", Sites(recording, Locator(HERE.parent)), step, 0.01).findings()


def line(text: str) -> int:
    """The number of the one line of this file that contains ``text``, in a comment's words."""
    (found,) = (
        number
        for number, each in enumerate(HERE.read_text().split("\n"), start=1)
        if each.endswith(f"# {text}")
    )
    return found


def test_the_same_call_on_two_lines() -> None:
    linear, x = nn.Linear(8, 8).requires_grad_(False), torch.randn(3, 8)

    def step() -> Tensor:
        gate = linear(x).sigmoid()  # the gate
        value = linear(x)  # the value
        result: Tensor = gate * value
        return result

    (found,) = findings(recorded(step))
    assert found.message == "`linear(x)` is computed twice from the same values; once is enough"
    assert found.remedy == f"keep the result of line {line('the gate')} and use it again"
    assert (found.wasteful_side, found.count, found.regions) == ("b", 2, ())
    assert found.location is not None
    assert (found.location.path, found.location.start.line) == (HERE.name, line("the value"))
    lines = [each.location.start.line for each in found.evidence if each.location is not None]
    assert lines == [line("the gate"), line("the value")]
    assert [each.label for each in found.instances] == ["Linear"]


def test_what_a_library_repeats_is_named_within_the_users_call() -> None:
    model = nn.ModuleList([nn.Identity(), nn.LSTM(4, 4)]).requires_grad_(False)
    x = torch.randn(5, 2, 4)
    (found,) = findings(recorded(lambda: model[1](x)[0]))
    assert found.message.startswith("within `model[1](x)`, `torch.zeros(")
    assert found.location is not None
    assert found.location.path == HERE.name
    assert [Path(each.path).name for each in found.call_path][-1] == "rnn.py"
    places = [each.location.path for each in found.evidence if each.location is not None]
    assert {Path(each).name for each in places} == {"rnn.py"}
    assert all(each.startswith(sys.prefix) or Path(each).is_absolute() for each in places)


def test_what_every_layer_does_twice_for_itself() -> None:
    layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)]).requires_grad_(False)
    x = torch.randn(3, 8)

    def step() -> Tensor:
        y = x
        for layer in layers:
            for _ in range(2):
                z = layer(y)  # a layer
            y = y + z
        return y

    (found,) = findings(recorded(step))
    assert found.cause is not None
    assert (found.cause.wasteful_value, found.cause.efficient_value) == ("6 times", "3 times")
    assert found.message == (
        "`layer(y)` is computed 6 times from 3 sets of values; once for each is enough"
    )
    assert (found.count, len(found.instances)) == (6, 3)
    assert [each.text for each in found.evidence] == [
        "`layer(y)` ran 6 times in Linear: aten::addmm"
    ]


def test_what_other_processes_do_not_repeat_is_dropped() -> None:
    x = torch.randn(3)
    recording = recorded(lambda: x.sin() + x.sin())
    first = cost(blocks(*[(1.0, 1.0, 1.0)] * 6), (1.0,) * 3, energy_j=3.0)
    found = suspect("a", Sites(recording, Locator(HERE.parent)), first, 0.01)
    cheap = retimed(first, blocks(*[(1.0, 0.001, 1.0)] * 6))
    unsteady = retimed(first, blocks(*[(1.0, 1.0, 1.0), (1.0, 0.001, 1.0)] * 3))
    assert found.confirmed(cheap).findings() == ()
    assert found.confirmed(unsteady).findings() == ()
    # The figures stay those of the measurement.
    (kept,) = found.confirmed(retimed(first, blocks(*[(1.0, 2.0, 1.0)] * 6))).findings()
    assert kept.saving_j == exact(1.0)


def test_nothing_that_costs_next_to_nothing() -> None:
    x = torch.randn(3)
    recording = recorded(lambda: x.sin() + x.sin())
    assert len(findings(recording)) == 1
    assert findings(recording, seconds=0.01) == ()


def test_its_share_of_the_step_carries_the_doubt_of_the_step() -> None:
    x = torch.randn(3)
    recording = recorded(lambda: x.sin() + x.sin())
    sure = cost(blocks(*[(1.0, 1.0, 1.0)] * 6), (1.0,) * 3, energy_j=3.0)
    step = replace(sure, energy_j=Quantity(3.0, 2.0, 4.0, "modelled"))
    (found,) = suspect("a", Sites(recording, Locator(HERE.parent)), step, 0.01).findings()
    assert found.saving_j == exact(1.0)
    assert isinstance(found.saving_ratio, Quantity)
    ratio = found.saving_ratio
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((1 / 3, 1 / 4, 1 / 2))
