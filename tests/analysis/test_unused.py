"""Gradients that nothing in the step reads."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from magneton.analysis.unused import unused
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


def trained(net: Net) -> Recording:
    """A step that trains the head of ``net``."""

    def step() -> Tensor:
        net.zero_grad()
        loss: Tensor = net(X).sum()
        loss.backward()
        with torch.no_grad():
            for each in net.head.parameters():
                assert each.grad is not None
                each.sub_(each.grad)
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
