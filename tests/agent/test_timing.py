"""Operator times, read from clocks of the test's own."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from magneton_agent import timing
from magneton_agent.schema.messages import StepTiming
from magneton_agent.timing import mode_overhead_s, time_step

from .recordings import recorded


class Clock:
    """Goes on by ``tick_s`` with every reading."""

    def __init__(self, tick_s: float) -> None:
        self.now_s, self.tick_s = 0.0, tick_s

    def read_s(self) -> float:
        self.now_s += self.tick_s
        return self.now_s

    def read_ns(self) -> int:
        return round(self.read_s() * 1e9)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A wall clock, a second a reading, and the CPU's, half a second a reading."""
    wall, cpu = Clock(1.0), Clock(0.5)
    readings = SimpleNamespace(
        perf_counter=wall.read_s,
        perf_counter_ns=wall.read_ns,
        process_time=cpu.read_s,
        process_time_ns=cpu.read_ns,
    )
    monkeypatch.setattr(timing, "time", readings)
    return readings


@pytest.mark.usefixtures("clocks")
def test_operators_and_what_lies_between_add_up_to_the_step() -> None:
    x = torch.ones(2)
    found, names, result = time_step(lambda: (x + 1) * 2, cuda=False)
    # Readings: the step's start, two for each operator, the step's end: 5 s, 2 of them inside.
    assert found == StepTiming(
        duration_s=(1.0, 1.0), cpu_s=(0.5, 0.5), between_s=3.0, between_cpu_s=1.5
    )
    assert names == ["aten::add", "aten::mul"]
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [4.0, 4.0]


def test_operators_are_those_of_the_recording() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(), nn.Linear(4, 1))
    optimizer = torch.optim.AdamW(model.parameters())
    x = torch.ones(2, 3)

    def step() -> None:
        with torch.profiler.record_function("part"):
            optimizer.zero_grad()
            model(x).sum().backward()
            optimizer.step()

    step()  # the optimizer's first step makes its state
    recording = recorded(step)
    found, names, _ = time_step(step, cuda=False)
    assert names == [operator.name for operator in recording.operators]
    assert len(found.duration_s) == len(found.cpu_s) == len(names)
    assert "aten::addmm" in names


def test_nothing_is_between_where_clocks_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    # A CPU clock that ticks coarsely can show more inside the operators than in the whole step.
    readings = iter([10, 20])
    still = SimpleNamespace(
        perf_counter=lambda: 1.0,
        perf_counter_ns=lambda: 1,
        process_time=lambda: 1.0,
        process_time_ns=lambda: next(readings),
    )
    monkeypatch.setattr(timing, "time", still)
    x = torch.ones(1)
    found, _, _ = time_step(lambda: x + 1, cuda=False)
    assert found == StepTiming((0.0,), (1e-8,), 0.0, 0.0)


@pytest.mark.usefixtures("clocks")
def test_the_overhead_of_an_operator() -> None:
    # Untraced, the loop of 400 takes one reading; traced, 801: two an operator more.
    assert mode_overhead_s() == 2.0


def test_the_overhead_is_never_negative(clocks: SimpleNamespace) -> None:
    # Something else ran during every untraced loop: start and end of it, then of the traced one.
    readings = itertools.cycle((0.0, 1e6, 2e6, 2e6))
    clocks.perf_counter = lambda: next(readings)
    assert mode_overhead_s() == 0.0


def test_a_step_that_raises_leaves_no_mode() -> None:
    def step() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        time_step(step, cuda=False)
    assert torch.utils._python_dispatch._get_current_dispatch_mode_stack() == []
