"""Which calls are operators of the step, for whatever looks at them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import torch

from magneton_agent import opaque
from magneton_agent.opaque_calls import watching
from magneton_agent.step_mode import StepMode


class Naming(StepMode):
    """Notes what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def run(
        self, func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self.seen.append(func._schema.name)
        return func(*args, **kwargs)

    def run_opaque(
        self, name: str, call: Callable[[], Any], inputs: list[object], outputs: list[object]
    ) -> Any:
        self.seen.append(name)
        return call()


def seen(step: Callable[[], object]) -> list[str]:
    mode = Naming()
    with watching(mode), mode:
        step()
    return mode.seen


X = torch.ones(2)


@opaque(inputs=["x"])
def inner(x: torch.Tensor) -> torch.Tensor:
    return x * 2


@opaque(inputs=["x"])
def outer(x: torch.Tensor) -> torch.Tensor:
    return inner(x) + 1


@opaque()
def failing() -> None:
    raise ValueError


def test_an_opaque_call_is_one_operator_with_all_that_it_calls() -> None:
    assert seen(lambda: (X.neg(), outer(X), X.neg())) == ["aten::neg", "outer", "aten::neg"]


def test_after_an_opaque_call_that_raised_operators_are_seen_again() -> None:
    def step() -> None:
        try:
            failing()
        except ValueError:
            X.neg()

    assert seen(step) == ["failing", "aten::neg"]


def test_the_profilers_marks_are_none() -> None:
    def step() -> None:
        with torch.profiler.record_function("part"):
            X.neg()

    assert seen(step) == ["aten::neg"]


def test_a_forked_child_is_not_the_step() -> None:
    mode = Naming()

    def step() -> None:
        if (child := os.fork()) == 0:
            X.neg()
            os._exit(len(mode.seen))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        X.sin()

    with watching(mode), mode:
        step()
    assert mode.seen == ["aten::sin"]


def test_torch_compiles_nothing_of_what_looks_at_a_step() -> None:
    graphs: list[object] = []

    def compiler(graph: torch.fx.GraphModule, _: object) -> object:
        graphs.append(graph)
        return graph.forward

    twice = torch.compile(lambda x: (x + x).relu(), backend=compiler)
    assert seen(lambda: twice(X)) == ["aten::add", "aten::relu"]
    assert graphs == []


LOOKED_AT = """
import sys
import torch
from tests.agent.test_step_mode import X, seen
print(seen(X.neg), "torch._dynamo" in sys.modules)
"""


def test_looking_at_a_step_does_not_load_torchs_compiler() -> None:
    run = subprocess.run([sys.executable, "-c", LOOKED_AT], capture_output=True, check=False)
    assert run.stdout == b"['aten::neg'] False\n"
