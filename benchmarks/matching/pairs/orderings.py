"""Inputs of which another order is used too. Sketches cannot tell the two apart."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from ..programs import Pair, Program, Step
from .convolution import images
from .perceptron import OWN, WIDTH, rows


class Branch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 2 * WIDTH)
        self.act = nn.SiLU()
        self.down = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down(self.act(self.up(self.norm(x))))
        return result


class Neighbours(nn.Module):
    """Two branches of the same weights, one over the rows, one over the rows rolled by one."""

    def __init__(self, sliced: bool) -> None:
        super().__init__()
        self.near, self.far = Branch(), Branch()
        self.far.load_state_dict(self.near.state_dict())
        self.last = nn.Linear(WIDTH, WIDTH)
        self.sliced = sliced

    def forward(self, x: Tensor) -> Tensor:
        if self.sliced:
            other = torch.cat((x[-1:], x[:-1]))  #: rolled
            far = self.far(other)
            near = self.near(x)
        else:
            near = self.near(x)
            rolled = torch.roll(x, 1, 0)  #: rolled
            far = self.far(rolled)
        mixed = near * 0.5 + far.tanh()  #: mixed
        result: Tensor = self.last(mixed)
        return result


class Mirrored(nn.Module):
    """A convolution net over an image and its mirror image, as test-time augmentation does."""

    def __init__(self, indexed: bool) -> None:
        super().__init__()
        self.plain, self.mirror = _convolutions(), _convolutions()
        self.mirror.load_state_dict(self.plain.state_dict())
        self.indexed = indexed

    def forward(self, x: Tensor) -> Tensor:
        if self.indexed:
            places = torch.arange(x.shape[-1] - 1, -1, -1)  #: flipped
            turned = x.index_select(-1, places)  #: flipped
            mirror = self.mirror(turned)
            plain = self.plain(x)
        else:
            plain = self.plain(x)
            flipped = torch.flip(x, (-1,))  #: flipped
            mirror = self.mirror(flipped)
        pooled: Tensor = plain.mean((2, 3)) + mirror.mean((2, 3))  #: pooled
        return pooled


def _convolutions() -> nn.Module:
    parts = {
        "first": nn.Conv2d(3, 16, 3, padding=1, bias=False),
        "norm": nn.BatchNorm2d(16),
        "act": nn.SiLU(),
        "second": nn.Conv2d(16, 16, 3, padding=1),
    }
    return nn.Sequential(OrderedDict(parts))


def rolled() -> tuple[Program, Program]:
    """B does the rolled branch first and rolls by slices. Truth: every value of one branch holds
    the numbers of the other's in another order, so only the context (what was rolled) tells which
    is which; a value of ``near`` is never one of ``far``."""
    return _both(Neighbours, rows())


def flipped() -> tuple[Program, Program]:
    """B does the mirrored image first and mirrors by index. Truth: the image and its mirror image
    hold the same numbers and are told apart by context only, and so are the equal weights."""
    return _both(Mirrored, images())


def _both(kind: type[Neighbours] | type[Mirrored], x: Tensor) -> tuple[Program, Program]:
    programs = []
    for other in (False, True):
        torch.manual_seed(0)
        model = kind(other).train(mode=False)
        programs.append(Program(_inference(model, x), model, OWN))
    return programs[0], programs[1]


def _inference(model: nn.Module, x: Tensor) -> Step:
    def step() -> Tensor:
        with torch.no_grad():
            result: Tensor = model(x)
            return result

    return step


PAIRS = [Pair("rolled", rolled), Pair("flipped", flipped)]
