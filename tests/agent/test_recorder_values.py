"""Which values a recorded step has: views, copies, writes, memory used again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from magneton_agent.recorder import parameter_sketches, record
from magneton_agent.schema.recording import Sketch

from .recordings import group_sketch, names, only, output, recorded


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


def test_every_output_of_a_step_is_named_in_order() -> None:
    @dataclass
    class Answer:
        logits: torch.Tensor
        more: tuple[torch.Tensor, int]

    x = torch.ones(2)
    found = recorded(lambda: {"a": x + 1, "b": [Answer(x * 2, (x - 1, 5))]})
    assert names(found) == ["add", "mul", "sub"]
    assert found.outputs == tuple(each.outputs[0] for each in found.operators)


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
