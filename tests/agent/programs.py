"""Small programs of every kind that a recording has to cope with.

Each builder seeds, makes its models and inputs once, and returns the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset

Step = Callable[[], Any]


class Net(nn.Module):
    """Three layers; what ``body`` does is computed again in the backward pass, in the given form
    of activation checkpointing, unless ``reentrant`` is None."""

    def __init__(self, reentrant: bool | None = None) -> None:
        super().__init__()
        self.first, self.middle, self.last = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 2)
        self.reentrant = reentrant

    def body(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.middle(x)
        return torch.tanh(hidden)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.first(x)
        if self.reentrant is None:
            x = self.body(x)
        else:
            x = checkpoint(self.body, x, use_reentrant=self.reentrant)
        return self.last(x)


class Cube(torch.autograd.Function):
    """x**3 with a backward pass of its own."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (x,) = ctx.saved_tensors
        return gradients[0] * 3 * x.square()


@torch.library.custom_op("magneton_tests::scaled", mutates_args=())
def scaled(x: torch.Tensor, factor: float) -> torch.Tensor:
    return x.mul(factor).clone()


@torch.library.custom_op("magneton_tests::scale_into", mutates_args=("out",))
def scale_into(x: torch.Tensor, out: torch.Tensor, factor: float) -> None:
    out.copy_(x.mul(factor))


scaled.register_autograd(
    lambda ctx, gradient: (gradient * ctx.factor, None),
    setup_context=lambda ctx, inputs, output: setattr(ctx, "factor", inputs[1]),
)


def inputs(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def training(optimizer: Callable[..., Any], net: Callable[[], nn.Module] = Net, **how: Any) -> Step:
    """A step of training that returns the loss and the parameters that it left."""
    torch.manual_seed(0)
    model, x = net(), inputs(5, 6)
    optimize = optimizer(model.parameters(), lr=0.1, **how)

    def step() -> Any:
        optimize.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        optimize.step()
        return loss, [parameter.detach().clone() for parameter in model.parameters()]

    return step


def in_place() -> Step:
    x = inputs(4, 4)

    def step() -> Any:
        y = x.clone()
        row, column = y[1], y.t()[2]
        row.mul_(2.0)
        column.add_(row)
        y[y > 0] = 0.5
        y[0, :2] += 1.0
        return y, row, column

    return step


def autocast() -> Step:
    torch.manual_seed(0)
    model, x = Net(), inputs(5, 6)

    def step() -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = model(x)
        return y, y.float().softmax(-1)

    return step


def inference() -> Step:
    torch.manual_seed(0)
    model, x = Net(), inputs(5, 6)

    def step() -> Any:
        with torch.inference_mode():
            return model(x).clone()

    return step


def data_dependent() -> Step:
    x = inputs(8)

    def step() -> Any:
        y = x
        while float(y.abs().sum()) > 1.0:
            y = y * 0.5 if bool(y[0] > 0) else y * 0.25
        return y, x[x > 0], x.nonzero()

    return step


def generating() -> Step:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(n_layer=2, n_embd=16, n_head=2, vocab_size=32, n_positions=32)
    model: Any = GPT2LMHeadModel(config)
    prompt = torch.tensor([[1, 2, 3]])
    model.train(False)

    def step() -> Any:
        return model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=4,
            do_sample=True,
            use_cache=True,
            pad_token_id=0,
            eos_token_id=None,
        )

    return step


def lstm() -> Step:
    torch.manual_seed(0)
    model, x = nn.LSTM(6, 4, num_layers=2, dropout=0.5), inputs(3, 2, 6)

    def step() -> Any:
        y, state = model(x)
        model.zero_grad()
        y.sum().backward()
        return y, state, [parameter.grad for parameter in model.parameters()]

    return step


def custom_operator() -> Step:
    x = inputs(3).requires_grad_()

    def step() -> Any:
        out = torch.empty(3)
        y = scaled(x, 2.0)
        scale_into(y.detach(), out, 3.0)
        (gradient,) = torch.autograd.grad(y.sum(), x)
        return y, out, gradient

    return step


def autograd_function() -> Step:
    x = inputs(3).requires_grad_()

    def step() -> Any:
        y = Cube.apply(x)  # type: ignore[no-untyped-call]
        return y, torch.autograd.grad(y.sum(), x)

    return step


def second_derivative() -> Step:
    x = inputs(3).requires_grad_()

    def step() -> Any:
        (slope,) = torch.autograd.grad(x.sin().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.sum(), x)

    return step


class Rows(Dataset[torch.Tensor]):
    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.full((2,), float(index)) + torch.rand(2)


def loading() -> Step:
    def step() -> Any:
        loader = DataLoader(Rows(), batch_size=2, num_workers=2, shuffle=True)
        return [batch * 2 for batch in loader]

    return step


class Negating(TorchDispatchMode):
    """A mode of the program's own, below Python's functions."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        return result.neg() if func._schema.name == "aten::sin" else result


class Counting(TorchFunctionMode):
    """A mode of the program's own, at Python's functions: adds 1 to every sine."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        return result + 1.0 if func is torch.sin else result


def own_modes() -> Step:
    x = inputs(3)

    def step() -> Any:
        with Negating():  # type: ignore[no-untyped-call]  # torch's constructor has no types
            below = torch.sin(x)
        with Counting():
            above = torch.sin(x)
        return below, above

    return step


def random_numbers() -> Step:
    x = inputs(20)

    def step() -> Any:
        y = functional.dropout(x, 0.5)
        return y, torch.multinomial(torch.ones(9), 3), torch.randperm(5), x.clone().bernoulli_(0.5)

    return step


def transforms() -> Step:
    """Derivatives forward and in reverse, some begun with zeros that have no memory."""
    x, weight = inputs(48), inputs(48, 1200)

    def curve(x: torch.Tensor) -> torch.Tensor:
        return torch.sin(x @ weight)

    def loss(x: torch.Tensor) -> torch.Tensor:
        return curve(x).sum()

    def step() -> Any:
        each = torch.vmap(torch.func.grad(loss))(x.expand(5, 48))
        return (
            torch.func.jacfwd(curve)(x),
            torch.func.jacrev(curve)(x)[:3],
            torch.func.hessian(loss)(x),
            torch.func.jvp(curve, (x,), (x,)),
            each,
        )

    return step


PROGRAMS: dict[str, Callable[[], Step]] = {
    "optimizer, loop": lambda: training(torch.optim.AdamW, foreach=False),
    "optimizer, foreach": lambda: training(torch.optim.AdamW, foreach=True),
    "optimizer, fused": lambda: training(torch.optim.AdamW, fused=True),
    "checkpoint, reentrant": lambda: training(torch.optim.SGD, lambda: Net(True)),
    "checkpoint, not reentrant": lambda: training(torch.optim.SGD, lambda: Net(False)),
    "in place": in_place,
    "autocast": autocast,
    "inference mode": inference,
    "data-dependent": data_dependent,
    "generate": generating,
    "LSTM": lstm,
    "custom operator": custom_operator,
    "autograd function": autograd_function,
    "second derivative": second_derivative,
    "DataLoader workers": loading,
    "modes of its own": own_modes,
    "random numbers": random_numbers,
    "functional transforms": transforms,
}


def tensors(structure: object) -> Iterator[torch.Tensor]:
    """All tensors of what a step returned, in order."""
    if isinstance(structure, torch.Tensor):
        yield structure
    elif isinstance(structure, list | tuple):
        for item in structure:
            yield from tensors(item)
