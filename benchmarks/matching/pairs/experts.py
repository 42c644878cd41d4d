"""A mixture of experts: each expert over a mask of the tokens, or over its slice of sorted ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..programs import Pair, Program
from .perceptron import OWN, WIDTH, inference, rows

EXPERTS = 4


class Expert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(WIDTH, 2 * WIDTH)
        self.act = nn.SiLU()
        self.down = nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.down(self.act(self.up(x)))
        return result


class Mixture(nn.Module):
    """Every token goes to the expert that the router likes best, weighted by how much."""

    def __init__(self, by_order: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.router = nn.Linear(WIDTH, EXPERTS)
        self.experts = nn.ModuleList(Expert() for _ in range(EXPERTS))
        self.head = nn.Linear(WIDTH, WIDTH)
        self.by_order = by_order

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        chances = self.router(x).softmax(-1)  #: chances
        weight, chosen = chances.max(-1)  #: chosen
        mixed = self._sorted(x, chosen) if self.by_order else self._masked(x, chosen)
        weighted = mixed * weight.unsqueeze(-1)  #: weighted
        result: Tensor = self.head(weighted + x)  #: residual
        return result

    def _masked(self, x: Tensor, chosen: Tensor) -> Tensor:
        mixed = torch.zeros_like(x)  #: gathered
        for number, expert in enumerate(self.experts):
            (places,) = torch.where(chosen == number)  #: routed
            mine = x[places]  #: dispatched
            mixed.index_add_(0, places, expert(mine))  #: gathered
        return mixed

    def _sorted(self, x: Tensor, chosen: Tensor) -> Tensor:
        order = chosen.argsort(stable=True)  #: routed
        counts = chosen.bincount(minlength=EXPERTS).tolist()  #: routed
        slices = x[order].split(counts)  #: dispatched
        parts = [expert(part) for expert, part in zip(self.experts, slices, strict=True)]
        done = torch.cat(parts)  #: gathered
        mixed = torch.empty_like(x)  #: gathered
        mixed[order] = done  #: gathered
        return mixed


def mixtures() -> tuple[Program, Program]:
    """Truth: what an expert computes matches, in whatever order its tokens come."""
    programs = []
    for by_order in (False, True):
        torch.manual_seed(0)
        model = Mixture(by_order)
        programs.append(Program(inference(model, rows()), model, OWN))
    return programs[0], programs[1]


PAIRS = [Pair("experts-masked-sorted", mixtures)]
