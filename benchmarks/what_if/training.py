"""A small GPT-2 of transformers that is trained, its optimizer in a loop over all parameters.

``magneton what-if benchmarks/what_if/training.py:build --device cpu``
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from transformers import GPT2Config, GPT2LMHeadModel


def build() -> Callable[[], torch.Tensor]:
    """One step of training with two sequences of 64 tokens, without dropout."""
    config = GPT2Config(
        n_layer=4,
        n_embd=128,
        n_head=4,
        vocab_size=1024,
        resid_pdrop=0,
        embd_pdrop=0,
        attn_pdrop=0,
        bos_token_id=0,
        eos_token_id=0,
    )
    model = GPT2LMHeadModel(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, foreach=False)
    tokens = torch.randint(0, config.vocab_size, (2, 64))

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model(tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step
