"""What a step holds, changed to try another way of doing the same."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
import torch
from torch import nn

from magneton_agent.conversions import convert, prepare
from magneton_agent.failure import TargetError


def convolving() -> tuple[nn.Module, torch.Tensor, Callable[[], torch.Tensor]]:
    model, x = nn.Conv2d(4, 4, 3), torch.randn(1, 4, 8, 8)
    return model, x, lambda: model(x)


def volumes() -> Callable[[], torch.Tensor]:
    model, x = nn.Conv3d(4, 4, 3), torch.randn(1, 4, 8, 8, 8)
    return lambda: model(x)


def inputs_alone() -> Callable[[], torch.Tensor]:
    x = torch.ones(1, 2, 2, 2).to(memory_format=torch.channels_last)
    return lambda: x


def training(
    kind: Callable[..., torch.optim.Optimizer],
) -> tuple[torch.optim.Optimizer, Callable[[], None]]:
    model = nn.Linear(4, 4)
    optimizer = kind(model.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        model(torch.ones(2, 4)).sum().backward()
        optimizer.step()

    return optimizer, step


def test_channels_last_changes_weights_and_inputs_but_no_values() -> None:
    model, x, step = convolving()
    before = step()
    convert("channels-last", step)
    assert x.is_contiguous(memory_format=torch.channels_last)
    assert next(model.parameters()).is_contiguous(memory_format=torch.channels_last)
    assert not x.is_contiguous()
    assert torch.allclose(step(), before, atol=1e-6)


def test_channels_last_leaves_volumes_as_they_are() -> None:
    volumes, images, x = nn.Conv3d(4, 4, 1), nn.Conv2d(4, 4, 3), torch.ones(1, 4, 4, 4, 8)

    def step() -> torch.Tensor:
        return torch.as_tensor(images(volumes(x).flatten(2, 3)))

    before = step()
    convert("channels-last", step)
    assert images.weight.is_contiguous(memory_format=torch.channels_last)
    assert volumes.weight.is_contiguous()
    assert torch.allclose(step(), before, atol=1e-6)


def test_an_optimizer_that_has_no_such_way_keeps_its_own() -> None:
    optimizer, step = training(torch.optim.AdamW)
    other = torch.optim.LBFGS(optimizer.param_groups[0]["params"])
    convert("fused-optimizer", lambda: (step(), other))
    assert optimizer.param_groups[0]["fused"]
    assert "fused" not in other.param_groups[0]


@pytest.mark.parametrize("wanted", ["fused", "foreach"])
def test_an_optimizer_takes_another_way(wanted: str) -> None:
    optimizer, step = training(torch.optim.AdamW)
    convert("fused-optimizer" if wanted == "fused" else "foreach-optimizer", step)
    (group,) = optimizer.param_groups
    assert (group["fused"], group["foreach"]) == (wanted == "fused", wanted == "foreach")
    step()


def test_modules_are_compiled_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[nn.Module] = []

    def compiling(module: nn.Module) -> None:
        compiled.append(module)

    monkeypatch.setattr(nn.Module, "compile", compiling)
    model, _, step = convolving()
    convert("compile", step)
    assert compiled == [model]


@pytest.mark.parametrize(
    ("conversion", "step", "fact"),
    [
        ("channels-last", lambda: 1, "the step holds no tensors of four dimensions"),
        ("channels-last", volumes(), "the step holds no tensors of four dimensions"),
        (
            "channels-last",
            inputs_alone(),
            "all tensors of four dimensions that the step holds are channels-last",
        ),
        ("compile", lambda: 1, "the step holds no module to compile"),
        (
            "fused-optimizer",
            training(torch.optim.LBFGS)[1],
            "the step holds no optimizer that can be fused",
        ),
        (
            "fused-optimizer",
            training(functools.partial(torch.optim.AdamW, fused=True))[1],
            "the step's optimizer is fused already",
        ),
    ],
)
def test_why_nothing_can_be_converted(
    conversion: str, step: Callable[[], object], fact: str
) -> None:
    with pytest.raises(TargetError, match=fact):
        convert(conversion, step)  # type: ignore[arg-type]  # one of them


def test_waiting_is_the_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("magneton_agent.conversions.ctypes.CDLL", missing)
    with pytest.raises(TargetError, match="there is no CUDA driver"):
        prepare("blocking-wait")
    prepare("compile")
