"""Named phases on real steps."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref

import pytest
import torch
from torch import nn

from magneton_agent import phase
from magneton_agent.named_phases import named_phase
from magneton_agent.recorder import record

X = torch.ones(2, 4)


class Generator(nn.Module):
    """Decodes ``tokens`` tokens, as such loops do."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tokens, self.layer = tokens, nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.layer(x)
        return result

    @torch.no_grad()
    def generate(self, x: torch.Tensor) -> torch.Tensor:
        x = x * 2.0
        for _ in range(self.tokens):
            x = torch.tanh(self(x))
        return x


def found(step: object) -> list[tuple[str, str]]:
    assert callable(step)
    recording, _ = record(step, {})
    return [(each.name.removeprefix("aten::"), each.named_phase) for each in recording.operators]


def test_the_inner_name_counts_and_an_exception_leaves_nothing() -> None:
    def step() -> None:
        with phase("outer"):
            torch.neg(X)
            with pytest.raises(ValueError, match="no"), phase("inner"):
                torch.abs(X)
                raise ValueError("no")
            torch.exp(X)
        torch.log(X)

    assert found(step) == [("neg", "outer"), ("abs", "inner"), ("exp", "outer"), ("log", "")]
    assert named_phase() == ""


def test_threads_and_tasks_have_phases_of_their_own() -> None:
    seen: dict[str, str] = {}

    async def task(name: str) -> None:
        with phase(name):
            await asyncio.sleep(0)
            seen[name] = named_phase()

    async def both() -> None:
        await asyncio.gather(task("one"), task("two"))

    asyncio.run(both())
    with phase("here"):
        other = threading.Thread(target=lambda: seen.setdefault("thread", named_phase()))
        other.start()
        other.join()
    assert seen == {"one": "one", "two": "two", "thread": ""}


def test_the_backward_pass_of_a_phase_is_in_it() -> None:
    weight = torch.ones(4, requires_grad=True)

    def step() -> None:
        with phase("loss"):
            loss = (weight * 2.0).sum()
        with phase("gradients"):
            loss.backward()

    names = dict.fromkeys(name for _, name in found(step))
    assert list(names) == ["loss", "gradients"]


def test_generating_calls_a_module_first_to_prefill_then_to_decode() -> None:
    model = Generator(3)
    assert found(lambda: torch.neg(model.generate(X))) == [
        ("mul", ""),
        *[("t", "prefill"), ("addmm", "prefill"), ("tanh", "prefill")],
        *[("t", "decode"), ("addmm", "decode"), ("tanh", "decode")] * 2,
        ("neg", ""),
    ]


def test_every_call_of_generate_prefills() -> None:
    model = Generator(2)
    phases = [name for operator, name in found(lambda: [model.generate(X) for _ in range(2)])]
    assert [name for name in phases if name] == [*["prefill"] * 3, *["decode"] * 3] * 2


def test_a_module_that_is_called_once_is_no_generation() -> None:
    assert {name for _, name in found(lambda: Generator(1).generate(X))} == {""}


def test_a_loop_of_another_name_is_none() -> None:
    layer = nn.Linear(4, 4)
    assert {name for _, name in found(lambda: [layer(X) for _ in range(3)])} == {""}


def test_names_of_the_program_go_before_what_is_recognised() -> None:
    model = Generator(2)

    def step() -> None:
        with phase("mine"):
            model.generate(X)

    assert {name for _, name in found(step)} == {"mine"}


def test_nothing_of_a_generation_is_held_after_the_step() -> None:
    def generate() -> weakref.ref[Generator]:
        model = Generator(2)
        record(lambda: model.generate(X), {})
        return weakref.ref(model)

    kept = generate()
    gc.collect()
    assert kept() is None


def test_programs_need_only_the_standard_library() -> None:
    code = "import sys; from magneton_agent import phase; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
