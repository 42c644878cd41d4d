"""What a recorded step says of its operators and values."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules import module as module_hooks
from torch.optim import optimizer as optimizer_hooks
from torch.utils._python_dispatch import TorchDispatchMode, _get_current_dispatch_mode_stack

from magneton_agent.recorder import parameter_sketches, record
from magneton_agent.schema.recording import Recording, Sketch

from .recordings import group_sketch, names, only, output, recorded, stack


def test_views_clones_and_casts_hold_the_same_values() -> None:
    x = torch.arange(6.0)
    found = recorded(lambda: x.view(2, 3).t().clone().double())
    assert names(found) == ["view", "t", "clone", "_to_copy"]
    assert [each.movement for each in found.operators] == [True] * 4
    assert [value.group for value in found.values] == [0, 0, 0, 0, 0]
    assert [value.sketch is None for value in found.values] == [False, True, True, True, True]
    assert [value.shape for value in found.values] == [(6,), (2, 3), (3, 2), (3, 2), (3, 2)]
    assert found.values[-1].dtype == "float64"
    assert [value.origin for value in found.values] == ["input", *["operator"] * 4]


def test_a_slice_is_another_value() -> None:
    x = torch.arange(6.0)
    found = recorded(lambda: x[1:3])
    assert names(found) == ["slice"]
    assert [value.group for value in found.values] == [0, 1]
    assert not found.operators[0].movement
    sketch = found.values[1].sketch
    assert sketch is not None
    assert (sketch.elements, sketch.total) == (2, 3.0)


OTHER_VALUES: dict[str, tuple[Callable[[], object], str, float]] = {
    # How it is computed, the operator that does it, and the total of what it gives.
    "conjugate": (lambda: torch.tensor([1 + 2j, 3j]).conj(), "_conj", -4.0),
    "negative view": (lambda: torch._neg_view(torch.tensor([1.0, 2.0])), "_neg_view", -3.0),
    "int to bool": (lambda: torch.tensor([0, 5, 7]).bool(), "_to_copy", 2.0),
    "float to int": (lambda: torch.tensor([0.5, 2.5]).int(), "_to_copy", 2.0),
    # The bytes of 1.0 in bfloat16 are those of 1.875 in float16: 0x3f80.
    "bytes read anew": (lambda: torch.ones(2).bfloat16().view(torch.float16), "view", 3.75),
    "overlapping view": (lambda: torch.arange(4.0).as_strided((2, 2), (0, 1)), "as_strided", 2.0),
}


@pytest.mark.parametrize("case", OTHER_VALUES)
def test_what_changes_the_values_starts_a_group(case: str) -> None:
    step, operator, total = OTHER_VALUES[case]
    found = recorded(step)
    value = output(found, operator)
    assert value.group == value.id
    assert value.sketch is not None
    assert value.sketch.total == total
    assert not only(found, operator).movement


def test_a_clone_of_a_conjugate_holds_the_same_values_as_the_conjugate() -> None:
    x = torch.tensor([1 + 2j])
    found = recorded(lambda: x.conj().clone())
    assert names(found) == ["_conj", "clone"]
    assert [value.group for value in found.values] == [0, 1, 1]


def test_copying_in_gives_the_destination_the_values_of_the_source() -> None:
    source, destination = torch.arange(3.0), torch.zeros(3)
    found = recorded(lambda: destination.copy_(source))
    copy = only(found, "copy_")
    old, new = copy.inputs, copy.outputs
    assert [found.values[value].group for value in old] == [0, 1]
    assert [found.values[value].group for value in new] == [1]
    assert copy.movement


def test_copying_one_number_into_many_is_no_movement() -> None:
    destination = torch.zeros(3)
    found = recorded(lambda: destination.copy_(torch.tensor(2.0)))
    assert not only(found, "copy_").movement
    sketch = output(found, "copy_").sketch
    assert sketch is not None
    assert sketch.total == 6.0


def test_an_operator_in_place_reads_the_old_value_and_writes_a_new_one() -> None:
    x = torch.arange(4.0)
    found = recorded(lambda: (x.add_(1.0), x.sum()))
    add, total = found.operators
    assert (add.inputs, add.outputs, total.inputs) == ((0,), (1,), (1,))
    old, new = found.values[0].sketch, found.values[1].sketch
    assert old is not None
    assert new is not None
    assert (old.total, new.total) == (6.0, 10.0)


def test_a_view_made_before_a_write_shows_what_was_written() -> None:
    x = torch.arange(4.0)

    def step() -> torch.Tensor:
        y = x * 2
        view = y.view(2, 2)
        y.add_(1.0)
        return view.sum()

    found = recorded(step)
    assert names(found) == ["mul", "view", "add_", "sum"]
    (read,) = only(found, "sum").inputs
    assert read in only(found, "add_").outputs
    assert read not in only(found, "view").outputs
    sketch = group_sketch(found, found.values[read])
    assert sketch is not None
    assert sketch.total == 16.0  # 2 * (0 + 1 + 2 + 3) + 4


def test_a_write_through_a_slice_changes_the_whole() -> None:
    x = torch.zeros(4)

    def step() -> torch.Tensor:
        x[:2].fill_(3.0)
        return x.sum()

    found = recorded(step)
    assert names(found) == ["slice", "fill_", "sum"]
    (read,) = only(found, "sum").inputs
    assert read in only(found, "fill_").outputs
    sketch = found.values[read].sketch
    assert sketch is not None
    assert sketch.total == 6.0


def test_a_view_from_before_the_step_is_an_input_unless_it_was_written() -> None:
    x = torch.arange(4.0)
    part = x[:2]
    found = recorded(lambda: (x.view(2, 2), part.sum()))
    (read,) = only(found, "sum").inputs
    assert found.values[read].origin == "input"
    assert read not in only(found, "view").outputs


def test_memory_that_is_used_again_holds_new_values() -> None:
    x = torch.ones(1000)

    def step() -> torch.Tensor:
        for factor in range(10):
            x * float(factor)  # freed at once
        return x * 10.0

    found = recorded(step)
    results = [value for each in found.operators for value in each.outputs]
    assert results == list(range(1, 12))
    totals = [found.values[value].sketch for value in results]
    assert [sketch and sketch.total for sketch in totals] == [1000.0 * i for i in range(11)]


def test_memory_that_nobody_wrote_has_no_sketch() -> None:
    found = recorded(lambda: torch.empty(4).fill_(2.0))
    assert names(found) == ["empty", "fill_"]
    empty, filled = found.values
    assert empty.sketch is None
    assert filled.sketch is not None
    assert filled.sketch.total == 8.0


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


def test_every_output_of_a_step_is_named_in_order() -> None:
    @dataclass
    class Answer:
        logits: torch.Tensor
        more: tuple[torch.Tensor, int]

    x = torch.ones(2)
    found = recorded(lambda: {"a": x + 1, "b": [Answer(x * 2, (x - 1, 5))]})
    assert names(found) == ["add", "mul", "sub"]
    assert found.outputs == tuple(each.outputs[0] for each in found.operators)


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4, bias=False)
        self.second = nn.Linear(4, 1, bias=False)

    def forward(self, x: torch.Tensor) -> Any:
        return self.second(torch.relu(self.first(x)))


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


def hooks() -> list[int]:
    """How many global hooks and modes there are."""
    return [
        len(module_hooks._global_forward_pre_hooks),
        len(module_hooks._global_forward_hooks),
        len(module_hooks._global_forward_hooks_always_called),
        len(optimizer_hooks._global_optimizer_pre_hooks),
        len(optimizer_hooks._global_optimizer_post_hooks),
        len(_get_current_dispatch_mode_stack()),
    ]


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


def test_inference_mode() -> None:
    model, x = Small(), torch.ones(2, 3)

    def step() -> Any:
        with torch.inference_mode():
            return model(x).add_(1.0)

    found = recorded(step)
    assert names(found) == ["linear", "relu", "linear", "add_"]
    assert found.settings["torch.is_inference_mode_enabled()"] == "True"
    assert {each.phase for each in found.operators} == {"forward"}


def settings_at(recording: Recording, name: str) -> list[str]:
    """A setting at every operator."""
    return [recording.settings_at(each)[name] for each in recording.operators]


def test_autocast_for_a_part_of_the_step() -> None:
    x, weight = torch.ones(2, 3), torch.ones(3, 3)

    def step() -> None:
        x.relu()
        with torch.autocast("cpu", dtype=torch.float16):
            torch.mm(x, weight)
            with torch.autocast("cpu", enabled=False):
                x.sin()
            x.relu()
        x.cos()

    found = recorded(step)
    # The product's operands are cast within it, where torch says that autocast is off.
    assert names(found) == ["relu", "_to_copy", "_to_copy", "mm", "sin", "relu", "cos"]
    enabled = settings_at(found, "torch.is_autocast_enabled('cpu')")
    assert enabled == ["False", "True", "True", "True", "False", "True", "False"]
    dtypes = settings_at(found, "torch.get_autocast_dtype('cpu')")
    assert dtypes[1:4] == ["torch.float16"] * 3
    assert dtypes[0] == dtypes[-1] == "torch.bfloat16"


def test_a_flag_around_one_call_is_in_force_there_only() -> None:
    x, before = torch.ones(2), torch.get_num_threads()

    def step() -> None:
        x.sin()
        torch.set_num_threads(1)
        x.cos()
        torch.set_num_threads(before)
        with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False):
            x.tan()
        x.sin()

    torch.set_num_threads(2)
    try:
        found = recorded(step)
    finally:
        torch.set_num_threads(before)
    assert names(found) == ["sin", "cos", "tan", "sin"]
    assert [each.settings for each in found.operators][:3] == [0, 1, 2]
    assert settings_at(found, "torch.get_num_threads()")[:2] == ["2", "1"]
    enabled = settings_at(found, "torch.backends.mkldnn.enabled")
    assert enabled == ["True", "True", "False", "True"]
    assert settings_at(found, "torch.is_grad_enabled()") == ["True", "True", "False", "True"]


def test_autocast() -> None:
    model, x = Small(), torch.randn(2, 3, generator=torch.Generator().manual_seed(0))

    def step() -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model(x)

    plain = step()
    recording, result = record(step, {})
    assert isinstance(result, torch.Tensor)
    assert torch.equal(plain, result)
    assert recording.settings["torch.is_autocast_enabled('cpu')"] == "True"
    products = [each for each in recording.operators if each.name == "aten::mm"]
    assert {recording.values[each.outputs[0]].dtype for each in products} == {"bfloat16"}
    # Sketches are not autocast: the input's is that of its float32 numbers.
    (value,) = (each for each in recording.values if each.shape == (2, 3) and each.sketch)
    assert (value.dtype, value.origin) == ("float32", "input")
    assert value.sketch is not None
    assert value.sketch.total == pytest.approx(sum(x.reshape(-1).tolist()), rel=1e-6)


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


def test_parameters_are_sketched_before_the_step_and_again_once_written() -> None:
    weight = nn.Parameter(torch.full((20,), 2.0))
    before = parameter_sketches({"weight": weight})
    assert before[id(weight)] == Sketch(20, 40.0, 40.0, 80.0, 160.0, 320.0, 2.0, 2.0, finite=True)

    def step() -> torch.Tensor:
        with torch.no_grad():
            doubled = weight * 2.0
            weight.add_(1.0)
        return doubled

    recording, _ = record(step, {id(weight): "weight"}, before)
    read, written = (value for value in recording.values if value.name == "weight")
    assert read.sketch is before[id(weight)]
    assert written.sketch is not None
    assert (read.version, written.version, written.sketch.total) == (0, 1, 60.0)
