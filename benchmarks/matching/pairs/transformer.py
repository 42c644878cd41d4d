"""GPT-2 and Llama, each twice with the same weights: Hugging Face's and a plain one."""

from __future__ import annotations

from functools import partial

import torch
import transformers
from torch import Tensor, nn
from torch.nn import functional

from ..programs import Pair, Program, Step, seeded
from .huggingface import THEIRS, Family, models
from .optimizers import Optimizer, optimised, state_of, warm_up
from .plain import OURS, VOCABULARY, Size


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
# With few layers, what is made once for all of them (the mask, on one side only) would take up to a
# tenth of a step as narrow as the others'.
SIZES = (Size(2, width=256, tokens=128), Size(12), Size(32))
TIED = Size(4, width=256, tokens=128)
TRAINED: tuple[tuple[int, tuple[Optimizer, Optimizer]], ...] = (
    (2, ("loop", "foreach")),
    (2, ("loop", "fused")),
    (12, ("loop", "foreach")),
)


def _pairs(family: Family) -> list[Pair]:
    pairs = [
        Pair(f"{family}-{size.layers}", partial(inference_pair, family, size)) for size in SIZES
    ]
    pairs += [
        Pair(
            f"{family}-{size.layers}-bf16",
            partial(low_precision_pair, family, size),
            precision="bf16",
        )
        for size in SIZES[:2]
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
    Pair("tied-qkv", partial(inference_pair, "llama", TIED, tied=True)),
]
