"""Phase, module path and backward node while a step runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from magneton_agent.context import StepContext


class Spy(nn.Module):
    """Notes where the context says that it is."""

    def __init__(self, noted: list[str], context: list[StepContext]) -> None:
        super().__init__()
        self.noted, self.context = noted, context

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.noted.append(self.context[0].running()[0])
        return x


class Failing(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ValueError("no")


class Catching(nn.Module):
    def __init__(self, spy: Spy) -> None:
        super().__init__()
        self.failing, self.spy = nn.Sequential(Failing()), spy

    def forward(self, x: torch.Tensor) -> Any:
        try:
            self.failing(x)
        except ValueError:
            return self.spy(x)


@pytest.fixture
def noted() -> list[str]:
    return []


@pytest.fixture
def context() -> Iterator[StepContext]:
    with StepContext(lambda: None, sys._getframe()) as entered:
        yield entered


@pytest.fixture
def spy(noted: list[str], context: StepContext) -> Spy:
    return Spy(noted, [context])


X = torch.ones(1)


def test_paths_start_with_the_class_of_the_root(noted: list[str], spy: Spy) -> None:
    nn.Sequential(nn.Identity(), nn.ModuleDict({"a": nn.Identity()})["a"], spy)(X)
    spy(X)
    assert noted == ["Sequential.2", "Spy"]


def test_nested_paths(noted: list[str], spy: Spy) -> None:
    nn.Sequential(nn.Sequential(nn.Identity(), spy))(X)
    assert noted == ["Sequential.0.1"]


def test_a_module_that_its_caller_does_not_own(noted: list[str], spy: Spy) -> None:
    class Borrowing(nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return holder[0](x)

    holder = [spy]
    nn.Sequential(Borrowing())(X)
    assert noted == ["Sequential.0.Spy"]


def test_a_shared_module_has_its_first_name(noted: list[str], spy: Spy) -> None:
    nn.Sequential(spy, spy)(X)
    assert noted == ["Sequential.0", "Sequential.0"]


def test_after_an_exception_the_path_is_right_again(
    noted: list[str], spy: Spy, context: StepContext
) -> None:
    Catching(spy)(X)
    with pytest.raises(ValueError, match="no"):
        nn.Sequential(Failing())(X)
    assert noted == ["Catching.spy"]
    assert context.running()[0] == ""


def test_it_tells_when_a_module_begins() -> None:
    begun: list[int] = []
    with StepContext(lambda: begun.append(1), sys._getframe()):
        nn.Sequential(nn.Identity(), nn.Identity())(X)
    nn.Identity()(X)
    assert begun == [1, 1, 1]


def test_the_optimizer_is_a_phase(context: StepContext) -> None:
    class Watched(torch.optim.SGD):
        def zero_grad(self, set_to_none: bool = True) -> None:
            phases.append(context.phase())
            super().zero_grad(set_to_none)

        def step(self, closure: Any = None) -> Any:
            phases.append(context.phase())
            return super().step(closure)

    phases: list[str] = []
    optimizer = Watched([nn.Parameter(torch.ones(1))])
    optimizer.zero_grad()
    optimizer.step()
    assert phases == ["forward", "optimizer"]
    assert context.phase() == "forward"


def test_backward_nodes_lead_to_what_made_them(context: StepContext) -> None:
    nodes: list[int] = []

    class Note(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            nodes.append(torch._C._autograd._get_sequence_nr() - 1)
            nodes.append(context.backward_node())
            return x.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
            nodes.append(context.backward_node())
            return gradients[0]

    x = torch.ones(1, requires_grad=True)
    torch.sum(Note.apply(x)).backward()  # type: ignore[no-untyped-call]  # torch's
    made, forward, backward = nodes
    assert forward == -1
    assert backward == made
    assert context.backward_task() == -1
