"""AdamW in three spellings: a loop over the parameters, lists of them at once, one kernel.

Its first step makes its state. That one runs at rate 0, as at the start of a warm-up: AdamW scales
every gradient to the size of 1, also those that are zero but for rounding, and after one whole
step the weights of the two sides would no longer be the same. For the same reason epsilon is above
such gradients (those of the biases of attention's keys, about 1e-9): how they are rounded depends
on the CPU, and so did whether two biases were the same after a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from ..programs import Step

RATE, EPSILON = 1e-3, 1e-5
Optimizer = Literal["loop", "foreach", "fused"]


def optimised(model: nn.Module, kind: Optimizer) -> torch.optim.Optimizer:
    """AdamW over all parameters of ``model``."""
    return torch.optim.AdamW(
        model.parameters(),
        lr=RATE,
        eps=EPSILON,
        foreach=kind == "foreach",
        fused=kind == "fused",
    )


def warm_up(optimizer: torch.optim.Optimizer, step: Step) -> None:
    """Run ``step`` once at rate 0."""
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    step()
    for group in optimizer.param_groups:
        group["lr"] = RATE


def state_of(
    model: nn.Module, optimizer: torch.optim.Optimizer
) -> Callable[[], dict[str, list[Tensor]]]:
    """What the optimizer keeps of every parameter, by the parameter's name."""

    def state() -> dict[str, list[Tensor]]:
        return {
            name: list(optimizer.state[parameter].values())
            for name, parameter in model.named_parameters()
        }

    return state
