"""Layers of attention by ``scaled_dot_product_attention``, in inference mode.

``magneton what-if benchmarks/what_if/attention.py:build --device cpu --knob tokens=128,512
--per tokens=256``
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

WIDTH, HEADS, LAYERS = 256, 4, 4


class Attention(nn.Module):
    """Causal attention of several heads, and what is added to its input."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.into, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        heads = self.into(self.norm(x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=True)
        return x + self.out(mixed.transpose(1, 2).flatten(2))


def build(tokens: int = 256) -> Callable[[], torch.Tensor]:
    """Two sequences of so many tokens."""
    model = nn.Sequential(*[Attention() for _ in range(LAYERS)]).eval()
    x = torch.randn(2, tokens, WIDTH)

    def step() -> torch.Tensor:
        with torch.inference_mode():
            return model(x)

    return step
