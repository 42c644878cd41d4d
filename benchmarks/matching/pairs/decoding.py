"""Greedy decoding: with a cache of keys and values, or all tokens again for every new one."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..labels import Naming
from ..programs import Pair, Program, Step, seeded

VOCABULARY, WIDTH, HEADS, LAYERS, PROMPT, NEW = 97, 64, 4, 2, 12, 4
Kept = tuple[Tensor, Tensor]
"""Keys and values of one layer, each (batch, head, token, width)."""
NAMING = Naming(
    modules={f"attention.{part}": part for part in ("q", "k", "v", "out")}, lines={}, own=True
)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor, past: Kept | None) -> tuple[Tensor, Kept]:
        q, k, v = (_heads(part(x)) for part in (self.q, self.k, self.v))
        if past is not None:
            k = torch.cat((past[0], k), dim=2)  #: k
            v = torch.cat((past[1], v), dim=2)  #: v
        first = past is None
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=first)  #: core
        return self.out(mixed.transpose(1, 2).flatten(2)), (k, v)


def _heads(x: Tensor) -> Tensor:
    return x.view(*x.shape[:2], HEADS, -1).transpose(1, 2)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.up, self.act, self.down = nn.Linear(WIDTH, 128), nn.GELU(), nn.Linear(128, WIDTH)

    def forward(self, x: Tensor, past: Kept | None) -> tuple[Tensor, Kept]:
        mixed, kept = self.attention(self.norm1(x), past)
        x = x + mixed  #: residual1
        x = x + self.down(self.act(self.up(self.norm2(x))))  #: residual2
        return x, kept


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Embedding(PROMPT + NEW, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, ids: Tensor, cache: list[Kept] | None = None) -> tuple[Tensor, list[Kept]]:
        """Logits of the last token, and the keys and values of all."""
        start = cache[0][0].shape[2] if cache else 0
        places = torch.arange(start, start + ids.shape[1])  #: places
        x = self.embed(ids) + self.position(places)  #: embedded
        kept = []
        for number, block in enumerate(self.blocks):
            x, own = block(x, cache[number] if cache else None)
            kept.append(own)
        return self.head(x[:, -1]), kept


def _decode(model: nn.Module, cached: bool) -> Step:
    prompt = torch.randint(0, VOCABULARY, (2, PROMPT), generator=seeded())

    def step() -> Tensor:
        ids, fresh, cache = prompt, prompt, None
        with torch.no_grad():
            for _ in range(NEW):
                logits, kept = model(fresh, cache)
                chosen = logits.argmax(-1, keepdim=True)  #: chosen
                ids = torch.cat((ids, chosen), dim=1)  #: ids
                fresh, cache = (chosen, kept) if cached else (ids, None)
        return ids

    return step


def decoders() -> tuple[Program, Program]:
    """Truth: the prompt's pass, every key and value with those before it, and every token's logits
    match. Of every other value of a layer one side makes one token's part, the other all tokens':
    the part belongs to the whole of its role."""
    programs = []
    for cached in (True, False):
        torch.manual_seed(0)
        model = Decoder()
        programs.append(Program(_decode(model, cached), model, NAMING))
    return programs[0], programs[1]


PAIRS = [Pair("cache-recompute", decoders)]
