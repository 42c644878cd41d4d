"""GPT-2 and Llama from Hugging Face, with eager attention and, in GPT-2, the activation written
out; and their weights in a plain network."""

from __future__ import annotations

from typing import Literal

import torch
import transformers
from torch import Tensor, nn

from ..labels import Naming
from .plain import VOCABULARY, Plain, Size

Family = Literal["gpt2", "llama"]

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
