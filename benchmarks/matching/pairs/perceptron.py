"""Residual perceptrons with norms: what is hard about them is said pair by pair."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..labels import Naming
from ..programs import Pair, Program, Step, seeded
from .optimizers import Optimizer, optimised, state_of, warm_up

WIDTH, LAYERS, ROWS, CLASSES = 64, 4, 96, 10
OWN = Naming(modules={}, lines={}, own=True)


class Block(nn.Module):
    def __init__(self, dropout: float, in_place: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 2 * WIDTH)
        self.act = nn.GELU()
        self.down = nn.Linear(2 * WIDTH, WIDTH)
        self.drop = nn.Dropout(dropout)
        self.in_place = in_place

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.drop(self.down(self.act(self.up(self.norm(x)))))
        if self.in_place:
            return x.add_(mixed)  #: residual
        return x + mixed  #: residual


class Perceptron(nn.Module):
    def __init__(self, dropout: float = 0.0, in_place: bool = False) -> None:
        super().__init__()
        self.first = nn.Linear(WIDTH, WIDTH)
        self.blocks = nn.ModuleList(Block(dropout, in_place) for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.head(x)
        return logits


def network(*, dropout: float = 0.0, in_place: bool = False) -> Perceptron:
    """The same weights whatever the arguments."""
    torch.manual_seed(0)
    return Perceptron(dropout, in_place)


def rows() -> Tensor:
    return torch.randn(ROWS, WIDTH, generator=seeded())


def targets() -> Tensor:
    return torch.randint(0, CLASSES, (ROWS,), generator=seeded(2))


def inference(model: nn.Module, x: Tensor) -> Step:
    def step() -> Tensor:
        with torch.no_grad():
            logits: Tensor = model(x)
            return logits

    return step


def training(model: nn.Module, optimizer: torch.optim.Optimizer, parts: int = 1) -> Step:
    """A step over all rows, in ``parts`` micro-batches whose gradients accumulate."""
    pieces = list(zip(rows().chunk(parts), targets().chunk(parts), strict=True))

    def step() -> Tensor:
        optimizer.zero_grad()
        total = torch.zeros(())  #: loss
        for x, target in pieces:
            loss = functional.cross_entropy(model(x), target) / parts  #: loss
            loss.backward()
            total = total + loss.detach()  #: loss
        optimizer.step()
        return total

    return step


def trained(
    kinds: tuple[Optimizer, Optimizer], parts: tuple[int, int] = (1, 1)
) -> tuple[Program, Program]:
    programs = []
    for kind, count in zip(kinds, parts, strict=True):
        model = network()
        optimizer = optimised(model, kind)
        step = training(model, optimizer, count)
        warm_up(optimizer, step)
        programs.append(Program(step, model, OWN, state_of(model, optimizer)))
    return programs[0], programs[1]


def in_place() -> tuple[Program, Program]:
    """The residual stream in one memory, written again and again, against a new one each time."""
    a, b = network(), network(in_place=True)
    return Program(inference(a, rows()), a, OWN), Program(inference(b, rows()), b, OWN)


def permuted() -> tuple[Program, Program]:
    """B gets the rows in another order. Truth: everything matches, because every row is computed
    by itself and a value is the same in any order of its elements."""
    a, b = network(), network()
    order = torch.randperm(ROWS, generator=seeded(3))
    return Program(inference(a, rows()), a, OWN), Program(inference(b, rows()[order]), b, OWN)


def zero_biases() -> tuple[Program, Program]:
    """All biases zero, all norms alike, and every layer with the same weights: what is read is told
    apart only by where it is read. B adds its residuals in place."""
    programs = []
    for written in (False, True):
        model = network(in_place=written)
        for block in model.blocks:
            block.load_state_dict(model.blocks[0].state_dict())
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
        programs.append(Program(inference(model, rows()), model, OWN))
    return programs[0], programs[1]


def dropped(seeds: tuple[int, int]) -> tuple[Program, Program]:
    """Training mode with dropout, B with its residual in place. Truth: with equal seeds everything
    matches; with others nothing does after the first mask, because its numbers differ and all
    that follows is computed from them."""
    programs = []
    for seed, written in zip(seeds, (False, True), strict=True):
        model = network(dropout=0.2, in_place=written).train()
        programs.append(Program(_seeded(inference(model, rows()), seed), model, OWN))
    return programs[0], programs[1]


def _seeded(step: Step, seed: int) -> Step:
    def seeded_step() -> object:
        torch.manual_seed(seed)
        return step()

    return seeded_step


PAIRS = [
    Pair("mlp-train-loop-foreach", partial(trained, ("loop", "foreach")), kind="training"),
    Pair("mlp-train-loop-fused", partial(trained, ("loop", "fused")), kind="training"),
    Pair("mlp-train-foreach-fused", partial(trained, ("foreach", "fused")), kind="training"),
    Pair("accumulation", partial(trained, ("loop", "loop"), (3, 1)), kind="training"),
    Pair("in-place-residual", in_place),
    Pair("permuted-batch", permuted),
    Pair("zero-biases", zero_biases),
    Pair("dropout-same-stream", partial(dropped, (5, 5))),
    Pair(
        "dropout-other-stream",
        partial(dropped, (5, 6)),
        parted="what follows the first mask holds other numbers",
    ),
]
