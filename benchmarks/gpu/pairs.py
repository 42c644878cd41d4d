"""Pairs of steps for a GPU: the factories named ``*_a`` are the wasteful sides."""

import torch
from transformers import GPT2Config, GPT2Model


def gelu_a():
    x = torch.randn(8, 1024, 3072, device="cuda", dtype=torch.float16)
    scale = (2 / torch.pi) ** 0.5
    return lambda: 0.5 * x * (1.0 + torch.tanh(scale * (x + 0.044715 * torch.pow(x, 3.0))))


def gelu_b():
    x = torch.randn(8, 1024, 3072, device="cuda", dtype=torch.float16)
    return lambda: torch.nn.functional.gelu(x, approximate="tanh")


def linear_a():
    layer, x = _linear()
    return lambda: layer(x)


def linear_b():
    layer, x = _linear()
    torch.set_float32_matmul_precision("high")
    return lambda: layer(x)


def eigenvalues_a():
    m = _symmetric()
    return lambda: torch.linalg.eigvals(m).real.sort().values


def eigenvalues_b():
    m = _symmetric()
    return lambda: torch.linalg.eigvalsh(m).sort().values


def gpt2_a():
    return _gpt2(GPT2Config())


def gpt2_b():
    return _gpt2(GPT2Config(activation_function="gelu_pytorch_tanh"))


def equal_a():
    return _gpt2(GPT2Config())


def equal_b():
    return _gpt2(GPT2Config())


def _linear():
    layer = torch.nn.Linear(2048, 8192, device="cuda").requires_grad_(False)
    return layer, torch.randn(8192, 2048, device="cuda")


def _symmetric():
    m = torch.randn(512, 512, device="cuda")
    return m + m.T


def _gpt2(config):
    model = GPT2Model(config).cuda().half().eval()
    tokens = torch.randint(0, config.vocab_size, (8, 1024), device="cuda")

    def step():
        with torch.no_grad():
            return model(tokens).last_hidden_state

    return step
