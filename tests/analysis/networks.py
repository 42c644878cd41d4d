"""The same networks written twice with the same weights: Hugging Face's and a plain one.

Modules of the plain one bear the names of their roles; :func:`role_of` gives the role of every
operator of either, so that it is known which operators compute the same.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from magneton_agent.recorder import record
from magneton_agent.schema.recording import Operator, Recording

VOCABULARY, WIDTH, HEADS, TOKENS = 199, 64, 4, 24
Step = Callable[[], Tensor]

_ROLES = {
    "transformer.wte": "embed",
    "transformer.wpe": "position",
    "transformer.ln_f": "last_norm",
    "lm_head": "head",
    "ln_1": "norm1",
    "ln_2": "norm2",
    "attn.c_attn": "attention.qkv",
    "attn.c_proj": "attention.out",
    "attn": "attention",
    "mlp.c_fc": "mlp.up",
    "mlp.c_proj": "mlp.down",
    "model.embed_tokens": "embed",
    "model.norm": "last_norm",
    "model.rotary_emb": "turn",
    "input_layernorm": "norm1",
    "post_attention_layernorm": "norm2",
    "self_attn.q_proj": "attention.qkv",
    "self_attn.k_proj": "attention.qkv",
    "self_attn.v_proj": "attention.qkv",
    "self_attn.o_proj": "attention.out",
    "self_attn": "attention",
    "mlp.gate_proj": "mlp.gate",
    "mlp.up_proj": "mlp.up",
    "mlp.act_fn": "mlp.act",
    "mlp.down_proj": "mlp.down",
    # Hugging Face multiplies by the gate in the block's own forward, so the plain one does too.
    "mlp": "mlp",
}


class Turn(nn.Module):
    """The rotary table: cos and sin of shape (token, 1, head width)."""

    def forward(self, tokens: int) -> tuple[Tensor, Tensor]:
        half = WIDTH // HEADS // 2
        rate = 10000.0 ** -(torch.arange(half) / half)
        angle = torch.outer(torch.arange(tokens).float(), rate).repeat(1, 2).unsqueeze(1)
        return angle.cos(), angle.sin()


class Attention(nn.Module):
    """Fused qkv in (batch, token, head, width) layout, and the fused attention kernel."""

    def __init__(self, bias: bool) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=bias)
        self.out = nn.Linear(WIDTH, WIDTH, bias=bias)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> Tensor:
        q, k, v = self.qkv(x).view(*x.shape[:2], 3, HEADS, WIDTH // HEADS).unbind(2)
        if turn is not None:
            q, k = _turned(q, *turn), _turned(k, *turn)
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined


def _turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


class Mlp(nn.Module):
    def __init__(self, gated: bool, bias: bool) -> None:
        super().__init__()
        self.up = nn.Linear(WIDTH, 4 * WIDTH, bias=bias)
        self.down = nn.Linear(4 * WIDTH, WIDTH, bias=bias)
        self.gate = nn.Linear(WIDTH, 4 * WIDTH, bias=bias) if gated else None
        self.act = nn.SiLU() if gated else nn.GELU(approximate="tanh")

    def forward(self, x: Tensor) -> Tensor:
        gate = None if self.gate is None else self.act(self.gate(x))
        inner = self.act(self.up(x)) if gate is None else gate * self.up(x)
        result: Tensor = self.down(inner)
        return result


class Block(nn.Module):
    def __init__(self, norm: Callable[[], nn.Module], rotary: bool) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm(), norm()
        self.attention = Attention(bias=not rotary)
        self.mlp = Mlp(gated=rotary, bias=not rotary)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor] | None) -> Tensor:
        x = x + self.attention(self.norm1(x), turn)
        result: Tensor = x + self.mlp(self.norm2(x))
        return result


class Plain(nn.Module):
    """GPT-2, or with ``rotary`` Llama, as one would write it by hand."""

    def __init__(self, layers: int, rotary: bool) -> None:
        super().__init__()

        def norm() -> nn.Module:
            return nn.RMSNorm(WIDTH, eps=1e-6) if rotary else nn.LayerNorm(WIDTH, eps=1e-5)

        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.position = None if rotary else nn.Embedding(TOKENS, WIDTH)
        self.turn = Turn() if rotary else None
        self.blocks = nn.ModuleList(Block(norm, rotary) for _ in range(layers))
        self.last_norm = norm()
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        if not rotary:
            self.head.weight = self.embed.weight  # GPT-2 ties them

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        if self.position is not None:
            x = x + self.position(torch.arange(ids.shape[1]))
        turn = None if self.turn is None else self.turn(ids.shape[1])
        for block in self.blocks:
            x = block(x, turn)
        logits: Tensor = self.head(self.last_norm(x))
        return logits


def gpt2_pair(layers: int) -> tuple[nn.Module, nn.Module]:
    """Hugging Face's GPT-2 with eager attention and its written-out GELU; the plain one."""
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=TOKENS,
        n_embd=WIDTH,
        n_layer=layers,
        n_head=HEADS,
        bos_token_id=0,
        eos_token_id=0,
    )
    theirs = _eager(transformers.GPT2LMHeadModel(config))
    ours = Plain(layers, rotary=False)
    names = {"wte": "embed", "wpe": "position", "ln_f": "last_norm", "lm_head": "head"}
    names |= {"h": "blocks", "ln_1": "norm1", "ln_2": "norm2", "attn": "attention"}
    names |= {"c_attn": "qkv", "c_fc": "up"}
    state = {}
    for name, tensor in theirs.state_dict().items():
        within = "down" if ".mlp." in name else "out"
        parts = [names.get(part, part) for part in name.split(".") if part != "transformer"]
        new = ".".join(within if part == "c_proj" else part for part in parts)
        transposed = ".c_" in name and name.endswith("weight")  # Conv1D stores (in, out)
        state[new] = tensor.T if transposed else tensor
    ours.load_state_dict(state)
    return theirs, ours


def llama_pair(layers: int) -> tuple[nn.Module, nn.Module]:
    """Hugging Face's Llama with eager attention; the plain one with fused qkv."""
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        max_position_embeddings=TOKENS,
        bos_token_id=0,
        eos_token_id=0,
    )
    theirs = _eager(transformers.LlamaForCausalLM(config))
    ours = Plain(layers, rotary=True)
    old = theirs.state_dict()
    state = {
        "embed.weight": old["model.embed_tokens.weight"],
        "last_norm.weight": old["model.norm.weight"],
        "head.weight": old["lm_head.weight"],
    }
    for layer in range(layers):
        there, here = f"model.layers.{layer}", f"blocks.{layer}"
        parts = [old[f"{there}.self_attn.{part}_proj.weight"] for part in "qkv"]
        state[f"{here}.attention.qkv.weight"] = torch.cat(parts)
        state[f"{here}.attention.out.weight"] = old[f"{there}.self_attn.o_proj.weight"]
        state[f"{here}.norm1.weight"] = old[f"{there}.input_layernorm.weight"]
        state[f"{here}.norm2.weight"] = old[f"{there}.post_attention_layernorm.weight"]
        for part in ("gate", "up", "down"):
            state[f"{here}.mlp.{part}.weight"] = old[f"{there}.mlp.{part}_proj.weight"]
    ours.load_state_dict(state)
    return theirs, ours


def _eager(model: transformers.PreTrainedModel) -> transformers.PreTrainedModel:
    model.set_attn_implementation("eager")
    model.train(mode=False)  # without dropout
    return model


def inference(model: nn.Module) -> Step:
    """A step that computes the logits of two fixed sequences."""
    ids = torch.randint(0, VOCABULARY, (2, TOKENS), generator=torch.Generator().manual_seed(1))

    def step() -> Tensor:
        with torch.no_grad():
            return _logits(model, ids)

    return step


def training(model: nn.Module, foreach: bool) -> Step:
    """A step of forward, backward and AdamW; its optimizer state exists from the first on."""
    ids = torch.randint(0, VOCABULARY, (2, TOKENS), generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, foreach=foreach)

    def step() -> Tensor:
        optimizer.zero_grad()
        logits = _logits(model, ids)
        loss = functional.cross_entropy(logits.flatten(0, 1), ids.flatten())
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def _logits(model: nn.Module, ids: Tensor) -> Tensor:
    if isinstance(model, transformers.PreTrainedModel):
        ids_only: Tensor = model(input_ids=ids, use_cache=False).logits
        return ids_only
    logits: Tensor = model(ids)
    return logits


def recording_of(model: nn.Module, step: Step) -> Recording:
    """What one ``step`` of ``model`` did."""
    names = {id(tensor): name for name, tensor in model.named_parameters()}
    return record(step, names)[0]


def role_of(operator: Operator, recording: Recording) -> str:
    """Layer and part of the network that ``operator`` belongs to, and its phase."""
    if operator.phase == "optimizer":
        return "optimizer"
    if operator.phase == "backward" and operator.forward is not None:
        return f"backward {_part(recording.operators[operator.forward].module)}"
    return f"{operator.phase} {_part(operator.module)}"


def _part(module: str) -> str:
    path = module.split(".")[1:]
    layer = next((part for part in path if part.isdigit()), "")
    if layer:
        path = path[path.index(layer) + 1 :]
    name = ".".join(path)
    return f"{layer} {_ROLES.get(name, name)}".strip() or "step"
