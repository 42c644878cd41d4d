"""Programs of every kind: recorded, they compute what they compute otherwise."""

from __future__ import annotations

import functools
import gc
import random
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack
from torch.utils.data import DataLoader, Dataset

from magneton_agent.recorder import record
from magneton_agent.schema.recording import Operator, Recording

from .programs import PROGRAMS, Net, Step, tensors, training
from .recordings import hooks, names, recorded, stack


def seeded(step: Callable[[], Any]) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The tensors that ``step`` returns from fixed seeds, and the generator's state after it."""
    torch.manual_seed(5)
    random.seed(5)
    found = list(tensors(step()))
    return found, torch.get_rng_state()


def recorded_result(step: Step) -> object:
    return record(step, {})[1]


def left_behind() -> list[object]:
    """What a recording could leave: hooks, modes, methods in the place of torch's own."""
    return [
        *hooks(),
        torch.autocast.__enter__,
        torch.autocast.__exit__,
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_recorded_a_step_gives_the_same_bits_and_leaves_nothing(name: str) -> None:
    build, before = PROGRAMS[name], left_behind()
    plain, state = seeded(build())
    step = build()
    found, state_after = seeded(functools.partial(recorded_result, step))
    assert len(plain) == len(found) > 0
    assert all(torch.equal(a, b) for a, b in zip(plain, found, strict=True))
    assert torch.equal(state, state_after)
    assert left_behind() == before
    storages = [weakref.ref(each.untyped_storage()) for each in found]
    del found, step
    gc.collect()
    assert [reference() for reference in storages] == [None] * len(storages)


class Failing(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu"):
            raise ValueError(f"no {x.mul(2).shape}")


def test_a_step_that_raises_leaves_nothing_either() -> None:
    before = left_behind()
    seen: list[weakref.ref[Any]] = []
    net = Net(reentrant=False)

    def step() -> None:
        x = torch.ones(2, 6, requires_grad=True)
        net(x).sum().backward()
        seen.extend([weakref.ref(x), weakref.ref(x.untyped_storage())])
        Failing()(x)

    with pytest.raises(ValueError, match="no "):
        record(step, {})
    assert left_behind() == before
    gc.collect()
    assert [reference() for reference in seen] == [None, None]


def lines(found: Recording, operators: list[Operator]) -> list[str]:
    """Function and first words of the innermost line of each operator in this folder's files."""
    own = []
    for each in operators:
        place = each if each.forward is None else found.operators[each.forward]
        frames = [frame for frame in stack(found, place) if frame.path.endswith("programs.py")]
        own.append(frames[0].function if frames else "")
    return own


def backward_of(net: Callable[[], nn.Module]) -> tuple[Recording, list[Operator]]:
    """A recorded training step, and its products and tanh gradients in the backward pass."""
    found = recorded(training(torch.optim.SGD, net))
    telling = ("aten::mm", "aten::addmm", "aten::tanh", "aten::tanh_backward")
    return found, [
        each for each in found.operators if each.phase == "backward" and each.name in telling
    ]


def test_backward_operators_lead_to_the_forward_line() -> None:
    found, backward = backward_of(Net)
    assert [each.name for each in backward] == [
        *["aten::mm"] * 2,
        "aten::tanh_backward",
        *["aten::mm"] * 3,  # of the first layer's input no gradient is asked for
    ]
    assert lines(found, backward) == ["Net.forward"] * 2 + ["Net.body"] * 3 + ["Net.forward"]


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_forward_pass_that_is_computed_again_stands_on_its_own_lines(reentrant: bool) -> None:
    found, backward = backward_of(lambda: Net(reentrant))
    again = [each for each in backward if each.name in ("aten::addmm", "aten::tanh")]
    # Within the backward pass: the middle layer and what follows it, once more.
    assert [each.name for each in again] == ["aten::addmm", "aten::tanh"]
    assert [each.forward for each in again] == [None, None]
    assert lines(found, again) == ["Net.body", "Net.body"]
    assert again[0].module == "Net.middle"
    gradients = [each for each in backward if each not in again]
    expected = ["Net.forward"] * 2 + ["Net.body"] * 3 + ["Net.forward"]
    assert lines(found, gradients) == expected
    (tangent,) = (each for each in gradients if each.name == "aten::tanh_backward")
    assert tangent.forward is not None
    # Which of both computations: the one whose graph autograd runs.
    phase = found.operators[tangent.forward].phase
    assert phase == ("backward" if reentrant else "forward")
    assert found.operators[tangent.forward].name == "aten::tanh"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"foreach": False}, {"aten::addcdiv_": 6}),
        ({"foreach": True}, {"aten::_foreach_addcdiv_": 1}),
        ({"fused": True}, {"aten::_fused_adamw_": 1}),
    ],
)
def test_every_form_of_an_optimizer_writes_the_parameters(
    how: dict[str, Any], expected: dict[str, int]
) -> None:
    found = recorded(training(torch.optim.AdamW, **how))
    (name,) = expected
    updates = [each for each in found.operators if each.name == name]
    assert (len(updates), {each.phase for each in updates}) == (expected[name], {"optimizer"})
    # Weight and bias of three layers, each in its place in memory, each a version later.
    written = [found.values[value] for each in updates for value in each.outputs]
    read = {found.values[value].storage for each in updates for value in each.inputs}
    shapes = {value.shape for value in written if value.storage in read}
    assert {(8, 6), (8,), (8, 8), (2, 8), (2,)} <= shapes
    assert all(value.version > 0 for value in written)


def test_views_of_memory_that_is_written_are_other_values() -> None:
    found = recorded(PROGRAMS["in place"]())
    result, row, column = (found.values[value] for value in found.outputs)
    assert result.storage == row.storage == column.storage
    assert len({result.group, row.group, column.group}) == 3
    assert result.sketch is not None
    (expected,) = [each for each in tensors(PROGRAMS["in place"]()()) if each.shape == (4, 4)]
    assert result.sketch.total == pytest.approx(float(expected.double().sum()), rel=1e-6)


def test_generating_runs_the_same_lines_for_every_token() -> None:
    found = recorded(PROGRAMS["generate"]())
    attention = [each for each in found.operators if "scaled_dot_product" in each.name]
    assert len(attention) == 4 * 2  # tokens, layers
    keys = [found.values[each.inputs[1]].shape for each in attention]
    # Three tokens of the prompt, then one more for each step in the cache: 2 heads of 8.
    assert keys == [(1, 2, length, 8) for length in (3, 4, 5, 6) for _ in range(2)]
    draws = [each for each in found.operators if each.random]
    assert [each.name for each in draws] == ["aten::multinomial"] * 4
    assert len({each.stack for each in draws}) == 1


def test_an_operator_of_the_programs_own_is_one_operator() -> None:
    found = recorded(PROGRAMS["custom operator"]())
    own = [each for each in found.operators if each.name.startswith("magneton_tests::")]
    assert [each.name for each in own] == ["magneton_tests::scaled", "magneton_tests::scale_into"]
    assert [each.arguments for each in own] == [{"factor": "2.0"}, {"factor": "3.0"}]
    into = own[1]
    assert found.values[into.outputs[0]].storage == found.values[into.inputs[1]].storage
    # Its gradient leads to it.
    gradients = [each for each in found.operators if each.forward == own[0].id]
    assert "aten::mul" in [each.name for each in gradients]


def test_a_function_with_a_gradient_of_its_own() -> None:
    found = recorded(PROGRAMS["autograd function"]())
    gradients = [each for each in found.operators if each.phase == "backward"][1:]
    assert [each.name for each in gradients] == ["aten::mul", "aten::pow", "aten::mul"]
    assert lines(found, gradients) == ["Cube.forward"] * 3


def test_of_a_second_derivative_too_the_first_line_counts() -> None:
    found = recorded(PROGRAMS["second derivative"]())
    (sine,) = (each for each in found.operators if each.name == "aten::sin" and each.id == 0)
    last = found.operators[-1]
    assert (last.name, last.phase, last.forward) == ("aten::mul", "backward", sine.id)


def test_workers_of_a_loader_are_not_the_step() -> None:
    found = recorded(PROGRAMS["DataLoader workers"]())
    # Three batches, doubled; that each element is made in a worker does not show.
    assert names(found).count("mul") == 3
    assert "full" not in names(found)
    assert "stack" not in names(found)


class Growing(Dataset[int]):
    """Says how many operators its worker's copy of the recorder has seen for each element."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> int:
        mode: Any = _get_current_dispatch_mode_stack()[0]
        before = len(mode._tape.operators())
        torch.ones(3).mul(2)
        return len(mode._tape.operators()) - before


def test_in_a_worker_nothing_is_recorded() -> None:
    found: list[int] = []

    def step() -> None:
        found.extend(int(each) for each in DataLoader(Growing(), batch_size=None, num_workers=1))

    recorded(step)
    assert found == [0, 0]


def test_a_recurrent_network() -> None:
    found = recorded(PROGRAMS["LSTM"]())
    assert {each.module for each in found.operators if each.phase == "forward"} >= {"LSTM"}
    gradients = {found.values[value].shape for value in found.outputs}
    assert {(16, 6), (16, 4), (16,)} <= gradients


def test_what_the_values_decide_is_recorded_as_it_ran() -> None:
    found = recorded(PROGRAMS["data-dependent"]())
    assert names(found).count("_local_scalar_dense") == 2 * names(found).count("mul") + 1


def test_inference_mode_and_what_follows_it() -> None:
    step: Step = PROGRAMS["inference mode"]()
    found = recorded(lambda: (step(), torch.ones(3000).mul(2.0)))
    sketch = found.values[found.outputs[-1]].sketch
    assert sketch is not None
    assert sketch.total == 6000.0
