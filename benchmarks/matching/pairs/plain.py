"""GPT-2 and Llama as one would write them by hand.

One projection for q, k and v, their heads behind the tokens, fused attention, activation, norms.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..labels import Naming

VOCABULARY = 199


@dataclass(frozen=True)
class Size:
    layers: int
    width: int = 64
    heads: int = 4
    tokens: int = 24
    batch: int = 2


_PARTS = {
    "attention.qkv": "q k v",
    "attention.out": "out",
    "mlp.up": "up",
    "mlp.down": "down",
    "mlp.gate": "gate",
    "mlp.act": "act",
}
_NORMS = ("norm1", "norm2")
_ENDS = ("embed", "position", "last_norm", "head")
OURS = Naming(
    modules={
        **_PARTS,
        **{each: each for each in (*_NORMS, *_ENDS, "turn")},
    },
    lines={},
)


class Turn(nn.Module):
    """The rotary table: cos and sin of shape (token, 1, head width)."""

    def __init__(self, rates: int) -> None:
        super().__init__()
        self.rates = rates

    def forward(self, tokens: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        rate = 10000.0 ** -(torch.arange(self.rates) / self.rates)  #: turn
        places = torch.arange(tokens)  #: places
        angle = torch.outer(places.float(), rate).repeat(1, 2).unsqueeze(1)  #: turn
        return angle.cos().to(dtype), angle.sin().to(dtype)  #: turn


class Attention(nn.Module):
    """Fused qkv in (batch, token, head, width) layout, and the fused attention kernel."""

    def __init__(self, size: Size, bias: bool, causal: bool = True) -> None:
        super().__init__()
        self.heads, self.causal = size.heads, causal
        self.qkv = nn.Linear(size.width, 3 * size.width, bias=bias)
        self.out = nn.Linear(size.width, size.width, bias=bias)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> Tensor:
        joint = self.qkv(x).view(*x.shape[:2], 3, self.heads, -1)
        q, k, v = joint.unbind(2)  #: q k v
        if turn is not None:
            q = _turned(q, *turn)  #: q.turned
            k = _turned(k, *turn)  #: k.turned
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)  #: core
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))  #: core
        return joined


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


class Mlp(nn.Module):
    def __init__(self, width: int, gated: bool, bias: bool, tanh: bool = True) -> None:
        super().__init__()
        self.up = nn.Linear(width, 4 * width, bias=bias)
        self.down = nn.Linear(4 * width, width, bias=bias)
        self.gate = nn.Linear(width, 4 * width, bias=bias) if gated else None
        self.act = nn.SiLU() if gated else nn.GELU(approximate="tanh" if tanh else "none")

    def forward(self, x: Tensor) -> Tensor:
        inner = self.act(self.up(x) if self.gate is None else self.gate(x))
        inner = inner if self.gate is None else inner * self.up(x)  #: gated
        result: Tensor = self.down(inner)
        return result


class Block(nn.Module):
    def __init__(self, size: Size, rotary: bool) -> None:
        super().__init__()
        self.norm1, self.norm2 = _norm(size, rotary), _norm(size, rotary)
        self.attention = Attention(size, bias=not rotary)
        self.mlp = Mlp(size.width, gated=rotary, bias=not rotary)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> Tensor:
        x = x + self.attention(self.norm1(x), turn)  #: residual1
        mixed: Tensor = x + self.mlp(self.norm2(x))  #: residual2
        return mixed


class Plain(nn.Module):
    """GPT-2, or with ``rotary`` Llama, as one would write it by hand."""

    def __init__(self, size: Size, rotary: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, size.width)
        self.position = None if rotary else nn.Embedding(size.tokens, size.width)
        self.turn = Turn(size.width // size.heads // 2) if rotary else None
        self.blocks = nn.ModuleList(Block(size, rotary) for _ in range(size.layers))
        self.last_norm = _norm(size, rotary)
        self.head = nn.Linear(size.width, VOCABULARY, bias=False)
        if not rotary:
            self.head.weight = self.embed.weight  # GPT-2 ties them

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        if self.position is not None:
            places = torch.arange(ids.shape[1])  #: places
            x = x + self.position(places)  #: embedded
        turn = None if self.turn is None else self.turn(ids.shape[1], x.dtype)
        for block in self.blocks:
            x = block(x, turn)
        logits: Tensor = self.head(self.last_norm(x))
        return logits


def _norm(size: Size, rotary: bool) -> nn.Module:
    return nn.RMSNorm(size.width, eps=1e-6) if rotary else nn.LayerNorm(size.width, eps=1e-5)
