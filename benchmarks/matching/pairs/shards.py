"""Tensor parallelism in one process: a perceptron whole, and in two shards that are summed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..labels import Naming
from ..programs import Pair, Program
from .perceptron import WIDTH, inference, rows

LAYERS = 3
NAMES = ("one", "two")
NAMING = Naming(
    modules={f"{part}s.{name}": part for part in ("up", "act", "down") for name in NAMES},
    lines={},
    own=True,
)


class Block(nn.Module):
    """The inner layer is cut by columns before the activation and by rows after it."""

    def __init__(self, shards: int) -> None:
        super().__init__()
        inner = 4 * WIDTH // shards
        self.norm = nn.LayerNorm(WIDTH)
        names = NAMES[:shards]
        self.ups = nn.ModuleDict({name: nn.Linear(WIDTH, inner) for name in names})
        self.acts = nn.ModuleDict({name: nn.GELU() for name in names})
        self.downs = nn.ModuleDict({name: nn.Linear(inner, WIDTH, bias=False) for name in names})
        self.bias = nn.Parameter(torch.empty(WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x)
        parts = [self.downs[name](self.acts[name](self.ups[name](normed))) for name in self.ups]
        total = parts[0]
        for part in parts[1:]:
            total = total + part  #: down
        biased = total + self.bias  #: bias
        result: Tensor = x + biased  #: residual
        return result


def shards() -> tuple[Program, Program]:
    """Truth: what enters and leaves a pair of layers matches; what is between is whole on one side
    and in two parts on the other, so that there it is only regions that can be the same."""
    torch.manual_seed(0)
    whole = nn.Sequential(*[Block(1) for _ in range(LAYERS)])
    for parameter in whole.parameters():
        nn.init.normal_(parameter, std=0.1)
    parted = nn.Sequential(*[Block(len(NAMES)) for _ in range(LAYERS)])
    state = {}
    for name, tensor in whole.state_dict().items():
        if ".one." not in name:
            state[name] = tensor
            continue
        dimension = 1 if "downs" in name else 0
        for shard, part in zip(NAMES, tensor.chunk(len(NAMES), dim=dimension), strict=True):
            state[name.replace(".one.", f".{shard}.")] = part
    parted.load_state_dict(state)
    return (
        Program(inference(whole, rows()), whole, NAMING),
        Program(inference(parted, rows()), parted, NAMING),
    )


PAIRS = [Pair("shards", shards)]
