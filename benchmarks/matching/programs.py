"""What a pair of the suite is: two programs, how their parts are called, what is expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn

from .labels import Naming

Step = Callable[[], object]


@dataclass(frozen=True)
class Program:
    """One side: a step, ready to run again and again, and the names of its parts.

    ``model`` holds the parameters that the step reads; ``state`` names further tensors that were
    there before the step by the parameter that they belong to (optimizer states, gradients).
    """

    step: Step
    model: nn.Module
    naming: Naming
    state: Callable[[], dict[str, list[Tensor]]] = field(default=dict[str, list[Tensor]])


@dataclass(frozen=True)
class Pair:
    """Two programs whose equal parts are known. ``build`` gives fresh ones, A and B.

    ``parted`` says why much of the step has no counterpart, where that is so: how fine its regions
    can be, and how much time they can take, is then left open.
    """

    name: str
    build: Callable[[], tuple[Program, Program]]
    kind: Literal["inference", "training"] = "inference"
    precision: Literal["fp32", "bf16"] = "fp32"
    parted: str | None = None


def seeded(seed: int = 1) -> torch.Generator:
    """A random stream of its own, the same for the same seed."""
    return torch.Generator().manual_seed(seed)
