"""A convolution net in two memory formats."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..programs import Pair, Program, Step, seeded
from .optimizers import optimised, state_of, warm_up
from .perceptron import OWN

IMAGE, BATCH = 32, 4


class Stage(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outside)
        self.short = nn.Conv2d(inside, outside, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm1(self.conv1(x)).relu()  #: act1
        joined = self.norm2(self.conv2(inner)) + self.short(x)  #: joined
        result: Tensor = joined.relu()  #: act2
        return result


class Convolutional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(Stage(3 if i == 0 else 8 << i, 16 << i) for i in range(3))
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        for stage in self.stages:
            x = stage(x)
        pooled = x.mean((2, 3))  #: pooled
        logits: Tensor = self.head(pooled)
        return logits


def images() -> Tensor:
    return torch.randn(BATCH, 3, IMAGE, IMAGE, generator=seeded())


def formats(train: bool) -> tuple[Program, Program]:
    """Batch, channel, row, column in memory against batch, row, column, channel."""
    programs = []
    for memory in (torch.contiguous_format, torch.channels_last):
        torch.manual_seed(0)
        model = Convolutional().train(mode=train)
        model = model.to(memory_format=memory)  # type: ignore[call-overload]
        pixels = images().to(memory_format=memory)
        if train:
            optimizer = optimised(model, "loop")
            step = _training(model, optimizer, pixels)
            warm_up(optimizer, step)
            programs.append(Program(step, model, OWN, state_of(model, optimizer)))
        else:
            programs.append(Program(_inference(model, pixels), model, OWN))
    return programs[0], programs[1]


def _inference(model: nn.Module, pixels: Tensor) -> Step:
    def step() -> Tensor:
        with torch.no_grad():
            logits: Tensor = model(pixels)
            return logits

    return step


def _training(model: nn.Module, optimizer: torch.optim.Optimizer, pixels: Tensor) -> Step:
    target = torch.randint(0, 10, (BATCH,), generator=seeded(2))

    def step() -> Tensor:
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(pixels), target)  #: loss
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


PAIRS = [
    Pair("convolution-formats", partial(formats, False)),
    Pair("convolution-formats-train", partial(formats, True), kind="training"),
]
