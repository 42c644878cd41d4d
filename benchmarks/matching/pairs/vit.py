"""A vision transformer: Hugging Face's and a plain one, with the same weights."""

from __future__ import annotations

from functools import partial

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from ..labels import Naming
from ..programs import Pair, Program
from .convolution import IMAGE, images
from .plain import Attention, Mlp, Size

VIT = Size(layers=4, width=64)
PATCH = 8
THEIRS = Naming(
    modules={
        "embeddings": "embedded",
        "embeddings.patch_embeddings.projection": "patches",
        "layernorm_before": "norm1",
        "layernorm_after": "norm2",
        "attention.q_proj": "q",
        "attention.k_proj": "k",
        "attention.v_proj": "v",
        "attention.o_proj": "out",
        "attention": "core",
        "mlp.fc1": "up",
        "mlp.activation_fn": "act",
        "mlp.fc2": "down",
        "layernorm": "last_norm",
    },
    lines={
        "hidden_states = hidden_states + residual return hidden_states": "residual2",
        "hidden_states = hidden_states + residual": "residual1",
    },
)
OURS = Naming(
    modules={
        "": "embedded",
        "attention.qkv": "q k v",
        "attention.out": "out",
        "mlp.up": "up",
        "mlp.down": "down",
        "mlp.act": "act",
    },
    lines={},
    own=True,
)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(VIT.width, eps=1e-12) for _ in range(2))
        self.attention = Attention(VIT, bias=True, causal=False)
        self.mlp = Mlp(VIT.width, gated=False, bias=True, tanh=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x), None)  #: residual1
        mixed: Tensor = x + self.mlp(self.norm2(x))  #: residual2
        return mixed


class Vit(nn.Module):
    """Patches by one matrix product, one projection for q, k and v, fused attention."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Linear(3 * PATCH * PATCH, VIT.width)
        self.cls_token = nn.Parameter(torch.empty(1, 1, VIT.width))
        self.positions = nn.Parameter(torch.empty(1, (IMAGE // PATCH) ** 2 + 1, VIT.width))
        self.blocks = nn.ModuleList(Block() for _ in range(VIT.layers))
        self.last_norm = nn.LayerNorm(VIT.width, eps=1e-12)

    def forward(self, images: Tensor) -> Tensor:
        cut = functional.unfold(images, PATCH, stride=PATCH).transpose(1, 2)  #: patches
        tokens = self.patches(cut)
        first = self.cls_token.expand(len(tokens), -1, -1)
        x = torch.cat((first, tokens), dim=1) + self.positions  #: embedded
        for block in self.blocks:
            x = block(x)
        result: Tensor = self.last_norm(x)
        return result


def vit() -> tuple[Program, Program]:
    """Hugging Face's, with a convolution and eager attention, against a plain one."""
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=VIT.width,
        num_hidden_layers=VIT.layers,
        num_attention_heads=VIT.heads,
        intermediate_size=4 * VIT.width,
        image_size=IMAGE,
        patch_size=PATCH,
    )
    theirs = transformers.ViTModel(config, add_pooling_layer=False)
    theirs.set_attn_implementation("eager")
    ours = Vit()
    ours.load_state_dict(_state(theirs.state_dict()))
    pixels = images()

    def step(model: nn.Module) -> Tensor:
        with torch.no_grad():
            found = model(pixels)
            result: Tensor = found if isinstance(found, Tensor) else found.last_hidden_state
            return result

    return (
        Program(partial(step, theirs.train(mode=False)), theirs, THEIRS),
        Program(partial(step, ours.train(mode=False)), ours, OURS),
    )


def _state(old: dict[str, Tensor]) -> dict[str, Tensor]:
    names = {"layers": "blocks", "layernorm_before": "norm1", "layernorm_after": "norm2"}
    names |= {"fc1": "up", "fc2": "down", "o_proj": "out", "layernorm": "last_norm"}
    names |= {"position_embeddings": "positions", "projection": "patches"}
    state = {}
    for name, tensor in old.items():
        parts = [names.get(part, part) for part in name.split(".")]
        parts = [part for part in parts if part not in ("embeddings", "patch_embeddings")]
        if parts[-2:-1] == ["q_proj"]:
            three = [old[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            state[".".join([*parts[:-2], "qkv", parts[-1]])] = torch.cat(three)
        elif parts[-2:-1] not in (["k_proj"], ["v_proj"]):
            shaped = tensor.flatten(1) if tensor.dim() == 4 else tensor
            state[".".join(parts)] = shaped
    return state


PAIRS = [Pair("vit", vit)]
