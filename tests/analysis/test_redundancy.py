"""What one side computes more than once: together, apart, and at what cost."""

from __future__ import annotations

import functools
import itertools

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from magneton.analysis.redundancy import (
    Repetition,
    alike,
    costly,
    instances_of,
    origins,
    repetitions_of,
    saving_of,
)
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded
from tests.analysis.recordings import Program, gauss
from tests.analysis.steps import blocks, cost

X, Y, Z = gauss(32, 1), gauss(32, 2), gauss(32, 3)


def tables(layers: int) -> Program:
    """Every layer computes the same table in two operators, and something of its own."""
    program = Program()
    x = program.input(X)
    for layer in range(layers):
        table = program.op("cos", [program.op("arange", [], range(32), dtype="int64")], Y)
        x = program.op("mul", [x, table], gauss(32, 10 + layer))
    return program


def test_what_feeds_one_another_is_one_repetition() -> None:
    (found,) = repetitions_of(tables(3).recording())
    assert found == Repetition(((0, 3, 6), (1, 4, 7)))
    assert found.operators == (0, 1, 3, 4, 6, 7)
    assert found.superfluous == (3, 4, 6, 7)


def test_instances_are_what_runs_together() -> None:
    recording = tables(3).recording()
    (found,) = repetitions_of(recording)
    assert instances_of(recording, found) == ((3, 4), (6, 7))


def test_what_every_layer_repeats_for_itself_is_one_repetition() -> None:
    program = Program()
    x = program.input(X)
    for layer in range(3):
        for _ in range(2):
            y = program.op("sin", [x], gauss(32, 20 + layer))
        x = program.op("add", [x, y], gauss(32, 10 + layer))
    recording = program.recording()
    (found,) = repetitions_of(recording)
    assert found.classes == ((0, 1), (3, 4), (6, 7))
    assert instances_of(recording, found) == ((1,), (4,), (7,))


def test_what_the_same_lines_do() -> None:
    recording = tables(3).recording()
    (found,) = repetitions_of(recording)
    assert alike(recording, found, 4).classes == ((1, 4, 7),)


def test_what_repeated_work_starts_from() -> None:
    program = Program()
    weight, x = program.parameter(X), program.input(Y)
    for _ in range(2):
        doubled = program.op("add", [program.move("view", weight)], Z)
        program.op("sin", [program.move("t", doubled)], Y)
        program.op("cos", [x], Z)
        program.op("arange", [], range(32), dtype="int64")
    recording = program.recording()
    starts = [origins(recording, each) for each in repetitions_of(recording)]
    assert starts == [{"parameter"}, {"input"}, frozenset()]


def test_what_has_nothing_to_do_with_one_another_is_apart() -> None:
    program = Program()
    x = program.input(X)
    for _ in range(2):
        program.op("sin", [x], Y)
        program.op("cos", [x], Z)
    assert [each.classes for each in repetitions_of(program.recording())] == [((0, 2),), ((1, 3),)]


def test_the_first_time_is_needed() -> None:
    recording = tables(3).recording()
    (found,) = repetitions_of(recording)
    durations = (1.0, 2.0, 4.0) * 3
    step = cost(blocks(*[durations] * 6), (1.0,) * 9, energy_j=30.0)
    assert saving_of(found, step).value == 2 * (1.0 + 2.0)
    # Timed steps took 21 J, whole ones 10.5: nobody can save more than of those.
    short = cost(blocks(*[durations] * 6), (1.0,) * 9, energy_j=10.5)
    assert saving_of(found, short).value == 3.0


def test_only_what_surely_costs_one_percent_counts() -> None:
    recording = tables(2).recording()
    found = repetitions_of(recording)

    def kept(*table_s: float) -> int:
        steps = [(each, 0.0, 1.0, each, 0.0, 1.0) for each in table_s]
        return len(costly(found, cost(blocks(*steps), (1.0,) * 6, energy_j=2.0), 0.01))

    assert kept(*[0.021] * 6) == 1
    assert kept(*[0.019] * 6) == 0
    assert kept(0.021, *[0.01, 0.03] * 3) == 0  # it may be less


class Rotary(nn.Module):
    """Turns its input by a table that it rebuilds each time."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        rows, width = x.shape
        rates = 10000.0 ** -(torch.arange(width) / width)
        angles = torch.outer(torch.arange(rows).float(), rates)
        turned: Tensor = self.linear(x) * angles.cos()
        return turned


def computing(recording: Recording, found: Repetition) -> list[tuple[str, int]]:
    """Name and number of times of every class."""
    names = [recording.operators[each[0]].name.removeprefix("aten::") for each in found.classes]
    return [(name, len(each)) for name, each in zip(names, found.classes, strict=True)]


def test_a_position_table_that_every_layer_rebuilds() -> None:
    model = nn.Sequential(*(Rotary(8) for _ in range(4))).requires_grad_(False)
    x = torch.randn(5, 8)
    recording = recorded(lambda: model(x))
    (found,) = repetitions_of(recording)
    names = computing(recording, found)
    assert {times for _, times in names} == {4}
    assert {name for name, _ in names} >= {"arange", "pow", "cos"}
    assert "mm" not in {name for name, _ in names}
    instances = instances_of(recording, found)
    assert len(instances) == 3
    modules = [{recording.operators[i].module for i in each} for each in instances]
    assert modules == [{"Sequential.1"}, {"Sequential.2"}, {"Sequential.3"}]


def test_a_mask_that_every_decode_step_rebuilds() -> None:
    scores = torch.randn(6, 6)

    def decode() -> Tensor:
        state = scores
        for _ in range(5):
            mask = torch.full((6, 6), float("-inf")).triu_(1)
            state = (state + mask).softmax(-1)
        return state

    recording = recorded(decode)
    (found,) = repetitions_of(recording)
    assert computing(recording, found) == [("full", 5), ("triu_", 5)]


def test_the_same_projection_twice() -> None:
    linear, x = nn.Linear(8, 8).requires_grad_(False), torch.randn(3, 8)

    def step() -> Tensor:
        gate, value = linear(x), linear(x)
        result: Tensor = gate.sigmoid() * value
        return result

    recording = recorded(step)
    (found,) = repetitions_of(recording)
    assert computing(recording, found) == [("addmm", 2)]


def test_the_same_copy_again_and_again() -> None:
    x, others = torch.randn(6, 4).t(), [torch.randn(4, 6) for _ in range(3)]
    recording = recorded(lambda: [x.contiguous() * other for other in others])
    (found,) = repetitions_of(recording)
    assert computing(recording, found) == [("clone", 3)]


def test_copies_that_are_written_to_are_needed() -> None:
    x, others = torch.randn(6), [torch.randn(6) for _ in range(3)]
    recording = recorded(lambda: [x.clone().add_(other) * 2 for other in others])
    assert repetitions_of(recording) == ()


def test_layers_decode_steps_and_dropout_are_no_repetition() -> None:
    model = nn.Sequential(*(nn.Sequential(nn.Linear(8, 8), nn.Dropout()) for _ in range(4)))
    x, twice = torch.randn(3, 8), nn.Dropout()
    assert repetitions_of(recorded(lambda: model(x))) == ()
    assert repetitions_of(recorded(lambda: twice(x) + twice(x))) == ()


def test_the_steps_of_an_lstm_and_a_growing_cache_are_no_repetition() -> None:
    lstm, x = nn.LSTM(4, 4).requires_grad_(False), torch.randn(5, 2, 4)
    recording = recorded(lambda: lstm(x)[0])
    names = [computing(recording, each) for each in repetitions_of(recording)]
    assert names == [[("zeros", 2)]]  # both states start from zeros

    def decode() -> Tensor:
        cache = x[:1]
        for token in x[1:]:
            cache = torch.cat([cache, token[None] + cache.mean(0)])
        return cache

    assert repetitions_of(recorded(decode)) == ()


def test_recomputing_a_checkpoint_is_deliberate() -> None:
    layers = [nn.Sequential(nn.Linear(8, 8), nn.Tanh()) for _ in range(3)]
    x = torch.randn(3, 8, requires_grad=True)

    def step(reentrant: bool) -> None:
        y = x
        for layer in layers:
            y = checkpoint(layer, y, use_reentrant=reentrant)
        y.sum().backward()

    for reentrant in (False, True):
        recording = recorded(functools.partial(step, reentrant))
        tanh = [each.phase for each in recording.operators if each.name == "aten::tanh"]
        assert tanh == ["forward"] * 3 + ["backward"] * 3  # it was run again
        assert repetitions_of(recording) == ()


def test_a_training_step_of_equal_layers() -> None:
    model = nn.Sequential(*itertools.chain(*((nn.Linear(8, 8), nn.ReLU()) for _ in range(4))))
    optimizer = torch.optim.AdamW(model.parameters(), foreach=False)
    x = torch.randn(3, 8)

    def step() -> None:
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()

    step()
    assert repetitions_of(recorded(step)) == ()
