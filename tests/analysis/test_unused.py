"""Gradients that nothing in the step reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from magneton.analysis.unused import surplus, unused
from magneton_agent.schema.recording import Recording
from tests.agent.recordings import recorded

X = torch.ones(4, 8)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.head(self.body(x).tanh())
        return found


def learn(part: nn.Module) -> None:
    with torch.no_grad():
        for each in part.parameters():
            assert each.grad is not None
            each.sub_(each.grad)


def trained(net: Net) -> Recording:
    """A step that trains the head of ``net``."""

    def step() -> Tensor:
        net.zero_grad()
        loss: Tensor = net(X).sum()
        loss.backward()
        learn(net.head)
        return loss.detach()

    return recorded(step)


def names(recording: Recording, found: tuple[int, ...]) -> list[str]:
    operators = (recording.operators[i] for i in found)
    return [each.name for each in operators if not each.movement]


def test_gradients_that_no_operator_reads() -> None:
    recording = trained(Net())
    found = unused(recording, range(len(recording.operators)))
    # Through the activation and into the body, for whose parameters nobody asks.
    assert names(recording, found) == ["aten::mm", "aten::tanh_backward", "aten::mm", "aten::sum"]
    assert all(recording.operators[i].phase == "backward" for i in found)


def test_only_what_the_other_side_does_not_match() -> None:
    recording = trained(Net())
    every = unused(recording, range(len(recording.operators)))
    assert unused(recording, every[1:]) == every[1:]
    # What is left out needs the weight's gradient, and that what it is made of; the bias's stays.
    assert names(recording, unused(recording, every[:-1])) == ["aten::sum"]
    assert unused(recording, ()) == ()


def test_a_body_that_is_frozen_has_none() -> None:
    net = Net()
    net.body.requires_grad_(False)
    recording = trained(net)
    assert unused(recording, range(len(recording.operators))) == ()


def test_gradients_that_add_up_and_that_nothing_reads() -> None:
    net = Net()

    def step() -> Tensor:
        net.head.zero_grad()  # the body's add up, within the step and from step to step
        for rows in X.split(2):
            loss: Tensor = net(rows).sum()
            loss.backward()
        learn(net.head)
        return loss.detach()

    step()
    recording = recorded(step)
    found = unused(recording, range(len(recording.operators)))
    assert names(recording, found).count("aten::add_") == 4  # weight and bias, twice
    assert names(recording, found).count("aten::tanh_backward") == 2


def test_gradients_that_add_up_and_are_read_are_none() -> None:
    net = Net()

    def step() -> Tensor:
        loss: Tensor = net(X).sum()
        loss.backward()
        grads = [each.grad for each in net.parameters() if each.grad is not None]
        return torch.stack([each.sum() for each in grads])

    step()
    recording = recorded(step)
    assert unused(recording, range(len(recording.operators))) == ()


def test_a_surplus_has_next_to_nothing_beside_it_and_leaves_nothing_behind() -> None:
    state = torch.ones(4, 8)

    def step() -> Tensor:
        state.add_(1)
        fresh = X.tanh()
        fresh.mul_(2)
        return fresh.sum()

    recording = recorded(step)
    numbers = {
        each.name.removeprefix("aten::"): each.id
        for each in recording.operators
        if not each.movement
    }
    alone = numbers["tanh"], numbers["mul_"]
    assert surplus(recording, alone, 10.0, 1.0) == alone
    assert surplus(recording, alone, 10.0, 1.1) == ()
    assert surplus(recording, (numbers["add_"], *alone), 10.0, 0.0) == ()
    trains = trained(Net())
    assert surplus(trains, range(len(trains.operators)), 10.0, 0.0) == ()
