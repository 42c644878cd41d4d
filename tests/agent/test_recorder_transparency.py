"""A recorded step computes what the plain one does, and nothing of the recorder remains."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from magneton_agent.recorder import record

from .recordings import Small, hooks, names, recorded


def dropping(model: nn.Module, x: torch.Tensor) -> Any:
    return torch.dropout(model(x), 0.5, train=True) + torch.rand(1) + torch.randn(1)


def test_the_recorded_step_computes_the_same_and_draws_the_same_numbers() -> None:
    torch.manual_seed(0)
    model, x = Small(), torch.randn(50, 3)
    torch.manual_seed(1)
    plain, state = dropping(model, x), torch.get_rng_state()
    torch.manual_seed(1)
    _, traced = record(lambda: dropping(model, x), {})
    assert isinstance(traced, torch.Tensor)
    assert torch.equal(plain, traced)
    assert torch.equal(state, torch.get_rng_state())


def test_recorded_training_steps_leave_the_same_parameters() -> None:
    def trained(run: Callable[[Callable[[], object]], object]) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model, x = Small(), torch.randn(5, 3)
        optimizer = torch.optim.AdamW(model.parameters())

        def step() -> None:
            optimizer.zero_grad()
            dropping(model, x).sum().backward()
            optimizer.step()

        for _ in range(3):
            run(step)
        return [parameter.detach() for parameter in model.parameters()]

    plain = trained(lambda step: step())
    traced = trained(lambda step: record(step, {}))
    assert all(torch.equal(a, b) for a, b in zip(plain, traced, strict=True))


def test_hooks_and_modes_are_there_during_the_step_only() -> None:
    before = hooks()
    during: list[int] = []
    recorded(lambda: during.extend(hooks()))
    assert during == [count + 1 for count in before]
    assert hooks() == before


class Broken(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        raise ValueError(f"broken at {tuple(y.shape)}")


def test_after_an_exception_nothing_remains() -> None:
    before = hooks()
    model = nn.Sequential(Small(), Broken())
    seen: list[weakref.ref[Any]] = []

    def step() -> None:
        x = torch.ones(1, 3)
        seen.append(weakref.ref(x))
        seen.append(weakref.ref(x.untyped_storage()))
        model(x)

    with pytest.raises(ValueError, match=r"broken at \(1, 1\)") as caught:
        record(step, {})
    assert hooks() == before
    del caught
    gc.collect()
    assert [reference() for reference in seen] == [None, None]


def test_after_a_step_no_tensor_is_held() -> None:
    seen: list[weakref.ref[Any]] = []

    def step() -> None:
        x = torch.ones(2)
        y = x * 2
        seen.extend([weakref.ref(x.untyped_storage()), weakref.ref(y.untyped_storage())])

    recording = recorded(step)
    gc.collect()
    assert [reference() for reference in seen] == [None, None]
    assert names(recording) == ["ones", "mul"]


class Doubling(TorchDispatchMode):
    """A mode of the program's own: it sees every operator and doubles what neg gives."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's constructor has no types
        self.seen: list[str] = []

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        self.seen.append(func._schema.name)
        result = func(*args, **(kwargs or {}))
        return result * 2 if func._schema.name == "aten::neg" else result


def test_a_mode_of_the_program_keeps_working() -> None:
    x, mode = torch.ones(2), Doubling()

    def step() -> torch.Tensor:
        with mode:
            return x.neg().add(1.0)

    recording, result = record(step, {})
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [-1.0, -1.0]
    assert mode.seen == ["aten::neg", "aten::add"]  # nothing of the recorder's
    assert names(recording) == ["neg", "mul", "add"]
