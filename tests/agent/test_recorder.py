"""What a recorded step says of its operators: arguments, phases, modules, stacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from .recordings import Small, names, only, recorded, stack


def test_scalar_arguments_by_name_with_defaults() -> None:
    x, y = torch.ones(2, 3), torch.ones(2, 3)
    found = recorded(
        lambda: torch.add(x, y, alpha=2).sum((0, 1), keepdim=True, dtype=torch.float64)
    )
    assert only(found, "add").arguments == {"alpha": "2"}
    assert only(found, "sum").arguments == {
        "dim": "[0, 1]",
        "keepdim": "True",
        "dtype": "torch.float64",
    }


def test_an_argument_has_no_address_in_it() -> None:
    generator = torch.Generator().manual_seed(0)
    found = recorded(lambda: torch.rand(2, generator=generator))
    assert only(found, "rand").arguments["generator"] == "Generator"


def test_a_training_step_has_phases_modules_and_origins() -> None:
    torch.manual_seed(0)
    model, x = Small(), torch.randn(5, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, foreach=False)

    def step() -> Any:
        optimizer.zero_grad()
        loss = model(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    parameters = {id(value): f"model.{name}" for name, value in model.named_parameters()}
    found = recorded(step, parameters)
    products = [each for each in found.operators if each.name == "aten::mm"]
    # Two forward; of the second layer both gradients, of the first only the weight's.
    assert [(each.phase, each.module) for each in products] == [
        ("forward", "Small.first"),
        ("forward", "Small.second"),
        *[("backward", "")] * 3,
    ]
    first, second, *gradients = products
    assert [each.forward for each in gradients] == [second.id, second.id, first.id]
    assert only(found, "threshold_backward").forward == only(found, "relu").id
    assert only(found, "relu").module == "Small"
    updates = [each for each in found.operators if each.phase == "optimizer"]
    assert [each.name for each in updates] == ["aten::add_", "aten::add_"]
    assert [each.arguments["alpha"] for each in updates] == ["-0.5", "-0.5"]
    written = [found.values[each.outputs[0]].name for each in updates]
    assert written == ["model.first.weight", "model.second.weight"]


def test_columns_count_bytes(tmp_path: Path) -> None:
    source = 'def step(x):\n    s = "é😀"; return (s, x.mul(2))[1]\n'
    path = str(tmp_path / "program.py")
    scope: dict[str, Any] = {}
    exec(compile(source, path, "exec"), scope)
    x = torch.ones(2)
    found = recorded(lambda: scope["step"](x))
    frame = stack(found, only(found, "mul"))[0]
    assert (frame.path, frame.function, frame.first_line) == (path, "step", 1)
    # Before the call stand 25 characters, of which é takes 2 bytes and 😀 takes 4.
    assert source.splitlines()[1].index("x.mul(2)") == 25
    assert (frame.line, frame.column, frame.end_line, frame.end_column) == (2, 29, 2, 37)


def test_the_stack_shows_the_programs_frames_only() -> None:
    model, x = Small(), torch.ones(1, 3)

    def step() -> object:
        return model(x)

    found = recorded(step)
    functions = [frame.function for frame in stack(found, only(found, "relu"))]
    here = "test_the_stack_shows_the_programs_frames_only"
    assert functions[:2] == ["Small.forward", f"{here}.<locals>.step"]
    # Between the two lies torch's module machinery, above them the recorder and this test.
    assert functions[2:4] == ["recorded", here]


def test_marks_of_the_profiler_are_no_operators() -> None:
    x = torch.ones(2)

    def step() -> torch.Tensor:
        with torch.profiler.record_function("part"):
            return x + 1

    assert names(recorded(step)) == ["add"]


def test_functions_under_compile_are_named() -> None:
    x = torch.ones(2)
    sine = torch.compile(lambda y: y.sin(), backend="eager")
    cosine = torch.compile(lambda y: y.cos(), backend="eager")

    def first() -> object:
        return sine(x)

    def second() -> object:
        return cosine(x)

    found = recorded(lambda: (first(), second(), x.neg()))
    assert names(found) == ["sin", "cos", "neg"]
    here = "test_functions_under_compile_are_named.<locals>"
    assert found.compiled == (f"{here}.first", f"{here}.second")
    assert recorded(x.neg).compiled == ()


class _Nested(torch.autograd.Function):
    """Its backward pass runs another one within it, so often that torch goes on in a thread of
    its own."""

    DEPTH = 70

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, depth: int) -> torch.Tensor:
        ctx.depth = depth
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        x = torch.ones(1, requires_grad=True)
        with torch.enable_grad():
            deeper = ctx.depth < _Nested.DEPTH
            y: Any = _Nested.apply(x, ctx.depth + 1) if deeper else x.sin()  # type: ignore[no-untyped-call]
        y.backward()
        return gradients[0], None


def test_operators_that_torchs_own_thread_runs_have_no_stack() -> None:
    x = torch.ones(1, requires_grad=True)
    found = recorded(lambda: _Nested.apply(x, 0).backward())  # type: ignore[no-untyped-call]
    alone = [each for each in found.operators if found.stacks[each.stack] == ()]
    assert {each.phase for each in alone} == {"backward"}
