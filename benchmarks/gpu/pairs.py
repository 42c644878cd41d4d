"""Pairs of steps for a GPU: the factories named ``*_a`` are the wasteful sides."""

import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2Model, LlamaConfig, LlamaModel


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


def layer_norm_a():
    image, norm = _image(), torch.nn.LayerNorm(256, device="cuda").requires_grad_(False)
    return lambda: norm(image.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).contiguous()


def layer_norm_b():
    image, norm = _image(), torch.nn.LayerNorm(256, device="cuda").requires_grad_(False)
    last = image.permute(0, 2, 3, 1).contiguous()
    return lambda: norm(last).permute(0, 3, 1, 2)


def cross_entropy_a():
    logits, target = _logits()
    return lambda: functional.cross_entropy(logits, target)


def cross_entropy_b():
    logits, target = _logits()
    return lambda: functional.cross_entropy(
        logits.transpose(1, 2).contiguous().flatten(0, 1), target.flatten()
    )


def gqa_a():
    q, k, v = _heads()
    return lambda: functional.scaled_dot_product_attention(
        q, k.repeat_interleave(4, 1), v.repeat_interleave(4, 1), is_causal=True
    )


def gqa_b():
    q, k, v = _heads()
    return lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)


def attention_a():
    q, k, v = _heads()
    mask = torch.ones(2048, 2048, dtype=torch.bool, device="cuda").tril()

    def step():
        keys, values = k.repeat_interleave(4, 1), v.repeat_interleave(4, 1)
        scores = q @ keys.transpose(-1, -2) / 128**0.5
        return scores.masked_fill(~mask, float("-inf")).softmax(-1) @ values

    return step


attention_b = gqa_b


def joined_a():
    x, more, w = _parts()

    def step():
        text, image = torch.cat((x, more), 1).split((4096, 512), 1)
        return functional.linear(torch.cat((text, image), 1), w)

    return step


def joined_b():
    x, more, w = _parts()
    return lambda: functional.linear(torch.cat((x, more), 1), w)


def head_a():
    x, w = _head()
    return lambda: functional.linear(x, w)[:, -1]


def head_b():
    x, w = _head()
    return lambda: functional.linear(x[:, -1], w)


def convolution_a():
    return _convolution(torch.contiguous_format)


def convolution_b():
    return _convolution(torch.channels_last)


def adamw_a():
    return _adamw(foreach=False)


def adamw_b():
    return _adamw(fused=True)


def largest_a():
    x = torch.randn(256, 128256, device="cuda")
    return lambda: x.sort(-1, descending=True).values[:, :40]


def largest_b():
    x = torch.randn(256, 128256, device="cuda")
    return lambda: x.topk(40, -1).values


def counting_a():
    m = torch.rand(64, 1024, 1024, device="cuda") > 0.5
    return lambda: (m != 0).to(torch.int64).sum()


def counting_b():
    m = torch.rand(64, 1024, 1024, device="cuda") > 0.5
    return m.sum


def addmm_a():
    return _addmm(torch.bfloat16)


def addmm_b():
    return _add_of_mm(torch.bfloat16)


def addmm32_a():
    return _addmm(torch.float32)


def addmm32_b():
    return _add_of_mm(torch.float32)


def gpt2():
    return _gpt2(GPT2Config())


def gpt2_single():
    model = GPT2Model(GPT2Config(n_layer=6)).cuda().eval()
    tokens = torch.randint(0, model.config.vocab_size, (8, 1024), device="cuda")

    def step():
        with torch.no_grad():
            return model(tokens).last_hidden_state

    return step


def llama():
    config = LlamaConfig(
        hidden_size=2048,
        intermediate_size=8192,
        num_hidden_layers=16,
        num_attention_heads=32,
        num_key_value_heads=8,
        vocab_size=128256,
    )
    with torch.device("cuda"):
        model = LlamaModel(config).to(torch.bfloat16).eval()
    tokens = torch.randint(0, config.vocab_size, (4, 1024), device="cuda")

    def step():
        with torch.no_grad():
            return model(tokens, use_cache=False).last_hidden_state

    return step


def _image():
    return torch.randn(32, 256, 64, 64, device="cuda")


def _logits():
    logits = torch.randn(2, 50257, 2048, device="cuda")
    return logits, torch.randint(0, 50257, (2, 2048), device="cuda")


def _heads():
    half = {"device": "cuda", "dtype": torch.bfloat16}
    return (
        torch.randn(4, 32, 2048, 128, **half),
        torch.randn(4, 8, 2048, 128, **half),
        torch.randn(4, 8, 2048, 128, **half),
    )


def _parts():
    half = {"device": "cuda", "dtype": torch.bfloat16}
    weight = torch.randn(3072, 3072, **half) / 55
    return torch.randn(4, 4096, 3072, **half), torch.randn(4, 512, 3072, **half), weight


def _head():
    half = {"device": "cuda", "dtype": torch.bfloat16}
    return torch.randn(8, 1024, 4096, **half), torch.randn(32000, 4096, **half) / 64


def _convolution(layout):
    layer = torch.nn.Conv2d(256, 256, 3, padding=1, device="cuda", dtype=torch.float16)
    layer = layer.requires_grad_(False).to(memory_format=layout)
    x = torch.randn(64, 256, 56, 56, device="cuda", dtype=torch.float16)
    x = x.contiguous(memory_format=layout)
    return lambda: layer(x)


def _adamw(**how):
    parameters = [torch.nn.Parameter(torch.randn(512, 512, device="cuda")) for _ in range(200)]
    for each in parameters:
        each.grad = torch.randn_like(each)
    return torch.optim.AdamW(parameters, **how).step


def _products(dtype):
    x = torch.randn(65536, 768, device="cuda", dtype=dtype)
    weight = torch.randn(768, 3072, device="cuda", dtype=dtype) / 28
    return x, weight, torch.randn(3072, device="cuda", dtype=dtype)


def _addmm(dtype):
    x, weight, bias = _products(dtype)
    return lambda: torch.addmm(bias, x, weight)


def _add_of_mm(dtype):
    x, weight, bias = _products(dtype)
    return lambda: torch.add(torch.mm(x, weight), bias)
