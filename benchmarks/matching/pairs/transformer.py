"""GPT-2 and Llama, each twice with the same weights: Hugging Face's and a plain one.

Hugging Face's attends eagerly and, in GPT-2, writes its activation out. The plain one has one
projection for q, k and v, their heads behind the tokens, fused attention, activation and norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from ..labels import Naming
from ..programs import Pair, Program, Step, seeded
from .optimizers import Optimizer, optimised, state_of, warm_up

VOCABULARY = 199
Family = Literal["gpt2", "llama"]


@dataclass(frozen=True)
class Size:
    layers: int
    width: int = 64
    heads: int = 4
    tokens: int = 24
    batch: int = 2


THEIRS = Naming(
    modules={
        "transformer.wte": "embed",
        "transformer.wpe": "position",
        "transformer.ln_f": "last_norm",
        "transformer": "mask",
        "lm_head": "head",
        "ln_1": "norm1",
        "ln_2": "norm2",
        "attn.c_attn": "q k v",
        "attn.c_proj": "out",
        "attn": "core",
        "mlp.c_fc": "up",
        "mlp.act": "act",
        "mlp.c_proj": "down",
        "model.embed_tokens": "embed",
        "model.norm": "last_norm",
        "model.rotary_emb": "turn",
        "model": "mask",
        "input_layernorm": "norm1",
        "post_attention_layernorm": "norm2",
        "self_attn.q_proj": "q",
        "self_attn.k_proj": "k",
        "self_attn.v_proj": "v",
        "self_attn.o_proj": "out",
        "self_attn": "core",
        "mlp.gate_proj": "gate",
        "mlp.up_proj": "up",
        "mlp.act_fn": "act",
        "mlp.down_proj": "down",
        "mlp": "gated",
    },
    lines={
        "position_ids = torch.arange(": "places",
        "hidden_states = inputs_embeds + position_embeds": "embedded",
        "query_states, key_states, value_states = self.c_attn(": "q k v",
        "q_embed =": "q.turned",
        "k_embed =": "k.turned",
        "hidden_states = attn_output + residual": "residual1",
        "hidden_states = residual + hidden_states return hidden_states": "residual2",
        "hidden_states = residual + hidden_states": "residual1",
        "hidden_states = residual + feed_forward_hidden_states": "residual2",
    },
)
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


def models(family: Family, size: Size, tied: bool = False) -> tuple[nn.Module, nn.Module]:
    """Hugging Face's model and the plain one, with the same weights and without dropout; ``tied``:
    q, k and v of a layer have one weight."""
    torch.manual_seed(0)
    theirs = _gpt2(size) if family == "gpt2" else _llama(size)
    if tied:
        _tie(theirs)
    theirs.set_attn_implementation("eager")
    ours = Plain(size, rotary=family == "llama")
    state = _gpt2_state if family == "gpt2" else _llama_state
    ours.load_state_dict(state(theirs.state_dict()))
    return theirs.train(mode=False), ours.train(mode=False)


def _tie(model: nn.Module) -> None:
    state = model.state_dict()
    for name, tensor in state.items():
        if "q_proj" in name:
            for part in "kv":
                state[name.replace("q_proj", f"{part}_proj")] = tensor
    model.load_state_dict(state)


def _gpt2(size: Size) -> transformers.PreTrainedModel:
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=size.tokens,
        n_embd=size.width,
        n_layer=size.layers,
        n_head=size.heads,
        bos_token_id=0,
        eos_token_id=0,
    )
    return transformers.GPT2LMHeadModel(config)


def _llama(size: Size) -> transformers.PreTrainedModel:
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=size.width,
        intermediate_size=4 * size.width,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        max_position_embeddings=size.tokens,
        bos_token_id=0,
        eos_token_id=0,
    )
    return transformers.LlamaForCausalLM(config)


def _gpt2_state(old: dict[str, Tensor]) -> dict[str, Tensor]:
    names = {"wte": "embed", "wpe": "position", "ln_f": "last_norm", "lm_head": "head"}
    names |= {"h": "blocks", "ln_1": "norm1", "ln_2": "norm2", "attn": "attention"}
    names |= {"c_attn": "qkv", "c_fc": "up"}
    state = {}
    for name, tensor in old.items():
        within = "down" if ".mlp." in name else "out"
        parts = [names.get(part, part) for part in name.split(".") if part != "transformer"]
        new = ".".join(within if part == "c_proj" else part for part in parts)
        transposed = ".c_" in name and name.endswith("weight")  # Conv1D stores (in, out)
        state[new] = tensor.T if transposed else tensor
    return state


def _llama_state(old: dict[str, Tensor]) -> dict[str, Tensor]:
    names = {"layers": "blocks", "embed_tokens": "embed", "norm": "last_norm", "lm_head": "head"}
    names |= {"input_layernorm": "norm1", "post_attention_layernorm": "norm2", "o_proj": "out"}
    names |= {f"{part}_proj": part for part in ("gate", "up", "down")} | {"self_attn": "attention"}
    state = {}
    for name, tensor in old.items():
        parts = [names.get(part, part) for part in name.split(".") if part != "model"]
        if parts[-2] == "q_proj":
            three = [old[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            state[".".join([*parts[:-2], "qkv", "weight"])] = torch.cat(three)
        elif parts[-2] not in ("k_proj", "v_proj"):
            state[".".join(parts)] = tensor
    return state


def token_ids(size: Size) -> Tensor:
    """Fixed sequences, shape (batch, tokens)."""
    return torch.randint(0, VOCABULARY, (size.batch, size.tokens), generator=seeded())


def logits_of(model: nn.Module, ids: Tensor) -> Tensor:
    if isinstance(model, transformers.PreTrainedModel):
        theirs: Tensor = model(input_ids=ids, use_cache=False).logits
        return theirs
    ours: Tensor = model(ids)
    return ours


def inference(model: nn.Module, size: Size) -> Step:
    """A step that computes the logits of fixed sequences."""
    ids = token_ids(size)

    def step() -> Tensor:
        with torch.no_grad():
            return logits_of(model, ids)

    return step


def training(model: nn.Module, size: Size, optimizer: torch.optim.Optimizer) -> Step:
    """A step of forward, backward and ``optimizer``."""
    ids = token_ids(size)

    def step() -> Tensor:
        optimizer.zero_grad()
        logits = logits_of(model, ids)
        loss = functional.cross_entropy(logits.flatten(0, 1), ids.flatten())  #: loss
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def inference_pair(family: Family, size: Size, tied: bool = False) -> tuple[Program, Program]:
    """The logits, both in float32. With ``tied`` weights q, k and v are equal until the rotary
    table turns q and k, and told apart by where they are read."""
    theirs, ours = models(family, size, tied)
    return (
        Program(inference(theirs, size), theirs, THEIRS),
        Program(inference(ours, size), ours, OURS),
    )


def training_pair(
    family: Family, size: Size, kinds: tuple[Optimizer, Optimizer]
) -> tuple[Program, Program]:
    """A training step, each with an optimizer of its own."""
    programs = []
    for model, naming, kind in zip(models(family, size), (THEIRS, OURS), kinds, strict=True):
        optimizer = optimised(model, kind)
        step = training(model, size, optimizer)
        warm_up(optimizer, step)
        programs.append(Program(step, model, naming, state_of(model, optimizer)))
    return programs[0], programs[1]


def low_precision_pair(family: Family, size: Size) -> tuple[Program, Program]:
    """The logits, in float32 and in bfloat16."""
    theirs, ours = models(family, size)
    return (
        Program(inference(theirs, size), theirs, THEIRS),
        Program(inference(ours.bfloat16(), size), ours, OURS),
    )


FAMILIES: tuple[Family, ...] = ("gpt2", "llama")
TRAINED: tuple[tuple[int, tuple[Optimizer, Optimizer]], ...] = (
    (2, ("loop", "foreach")),
    (2, ("loop", "fused")),
    (12, ("loop", "foreach")),
)


def _pairs(family: Family) -> list[Pair]:
    pairs = [
        Pair(f"{family}-{size.layers}", partial(inference_pair, family, size))
        for size in (Size(2, width=256, tokens=128), Size(12), Size(32))
    ]
    pairs += [
        Pair(
            f"{family}-{layers}-bf16",
            partial(low_precision_pair, family, Size(layers)),
            precision="bf16",
        )
        for layers in (2, 12)
    ]
    pairs += [
        Pair(
            f"{family}-{layers}-train-{'-'.join(kinds)}",
            partial(training_pair, family, Size(layers), kinds),
            kind="training",
        )
        for layers, kinds in TRAINED
    ]
    return pairs


PAIRS = [
    *[pair for family in FAMILIES for pair in _pairs(family)],
    Pair("tied-qkv", partial(inference_pair, "llama", Size(4), tied=True)),
]
