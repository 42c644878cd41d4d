"""Calibration kernels and the marker load, in this process."""

from __future__ import annotations

import itertools

import pytest
import torch

from magneton_agent.exercise import kernel, served
from magneton_agent.marker import mark
from magneton_agent.measuring import measure
from magneton_agent.schema.messages import Exercise, Mark, Measure


@pytest.mark.parametrize(
    "request_",
    [
        Exercise("product", "float64", 16, tf32=False, calls=3, threads=1, window_s=0.0),
        Exercise("transpose", "float32", 16, tf32=False, calls=3, threads=0, window_s=0.0),
        Exercise("softmax", "float32", 16, tf32=False, calls=3, threads=0, window_s=0.0),
        Exercise("add", "bfloat16", 64, tf32=False, calls=3, threads=0, window_s=0.0),
        Exercise("copy", "float32", 64, tf32=True, calls=3, threads=0, window_s=0.0),
        Exercise("idle", "float32", 1, tf32=False, calls=1, threads=0, window_s=0.0),
    ],
    ids=lambda each: each.kind,
)
def test_a_kernel_is_measured_in_the_place_of_a_step(request_: Exercise) -> None:
    with kernel(request_, cuda=False) as step:
        answer = served(measure(Measure(4, 0.0), False, (), True), step)
    (sample,) = answer.samples
    assert sample.steps == 4
    assert sample.duration_s > 0
    assert sample.energy_j is None  # no meter was given


def test_a_kernels_settings_end_with_it_also_when_it_fails() -> None:
    threads = torch.get_num_threads()
    request = Exercise("product", "float32", 4, True, 1, threads + 1, 0.0)
    with pytest.raises(KeyError), kernel(request, cuda=False):
        assert torch.get_num_threads() == threads + 1
        assert torch.backends.cuda.matmul.allow_tf32 is True
        raise KeyError
    assert torch.get_num_threads() == threads
    assert torch.backends.cuda.matmul.allow_tf32 is False


def test_the_marker_loads_the_device_in_its_slots_and_only_there() -> None:
    slots = mark(Mark((False, True, False), 0.05), cuda=False).slots
    assert [slot.on for slot in slots] == [False, True, False]
    for before, after in itertools.pairwise(slots):
        assert before.ended_s <= after.started_s
    assert all(slot.ended_s - slot.started_s >= 0.05 for slot in slots)
