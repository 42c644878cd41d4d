"""Looks things up in a recording, and a small network to record."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as module_hooks
from torch.optim import optimizer as optimizer_hooks
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

from magneton_agent.recorder import record
from magneton_agent.schema.location import Frame
from magneton_agent.schema.recording import Operator, Recording, Sketch, Value
from magneton_agent.step import Step


def recorded(step: Step, names: dict[int, str] | None = None) -> Recording:
    return record(step, names or {})[0]


def names(recording: Recording) -> list[str]:
    return [operator.name.removeprefix("aten::") for operator in recording.operators]


def only(recording: Recording, name: str) -> Operator:
    """The one operator of that name."""
    (found,) = (each for each in recording.operators if each.name == f"aten::{name}")
    return found


def output(recording: Recording, name: str) -> Value:
    """The one result of the one operator of that name."""
    (value,) = only(recording, name).outputs
    return recording.values[value]


def group_sketch(recording: Recording, value: Value) -> Sketch | None:
    return recording.values[value.group].sketch


def stack(recording: Recording, operator: Operator) -> list[Frame]:
    """The frames of an operator, innermost first."""
    return [recording.frames[index] for index in recording.stacks[operator.stack]]


class Small(nn.Module):
    """Two layers with an activation between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4, bias=False)
        self.second = nn.Linear(4, 1, bias=False)

    def forward(self, x: torch.Tensor) -> Any:
        return self.second(torch.relu(self.first(x)))


def hooks() -> list[int]:
    """How many global hooks and modes there are."""
    return [
        len(module_hooks._global_forward_pre_hooks),
        len(module_hooks._global_forward_hooks),
        len(module_hooks._global_forward_hooks_always_called),
        len(optimizer_hooks._global_optimizer_pre_hooks),
        len(optimizer_hooks._global_optimizer_post_hooks),
        len(_get_current_dispatch_mode_stack()),
    ]
