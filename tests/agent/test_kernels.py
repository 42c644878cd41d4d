"""Kernels are told apart by the range of the operator that launched them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pytest
import torch

from magneton_agent.kernels import _RangeMode, kernels_by_operator, taken_off, with_kernels
from magneton_agent.schema.recording import Kernel

from .recordings import names, recorded


@dataclass
class Launch:
    name: str
    duration: float


@dataclass
class Range:
    name: str
    id: int
    kernels: list[Launch] = field(default_factory=list)
    cpu_children: list[Range] = field(default_factory=list)


GEMM, ADD, OWN = Launch("gemm_f32", 12.5), Launch("add_f32", 2.0), Launch("triton_own", 4.0)
# As the profiler lists them: every range once by itself, also those within others, and on the
# GPU's own row a copy of the ranges that launched nothing there.
LAUNCHES = Range("cudaLaunchKernel", 30, [ADD])
OVERHEAD = Range("Activity Buffer Request", 21, [GEMM])  # the profiler's own, with its owner's id
INNER = Range("aten::addmm", 21, [GEMM], [OVERHEAD, LAUNCHES])
EVENTS = [
    Range("magneton operator 0", 20, [], [INNER]),
    INNER,
    LAUNCHES,
    Range("magneton operator 1", 22),
    Range("magneton operator 2", 23, [OWN, OWN]),
    Range("magneton operator 0", 20),
    Range("magneton operator 7", 24, [OWN]),
]


def test_what_is_launched_within_a_range_is_the_operators() -> None:
    assert kernels_by_operator(EVENTS, 3) == [
        (Kernel("gemm_f32", 12.5e-6), Kernel("add_f32", 2e-6)),
        (),
        (Kernel("triton_own", 4e-6), Kernel("triton_own", 4e-6)),
    ]


def test_operators_get_their_kernels_unless_the_step_ran_others() -> None:
    x = torch.ones(2)
    recording = recorded(lambda: (x + 1) * 2)
    kernels = [(Kernel("add_f32", 1e-6),), ()]
    found = with_kernels(recording, ["aten::add", "aten::mul"], kernels)
    assert [each.kernels for each in found.operators] == kernels
    assert with_kernels(recording, ["aten::add"], kernels[:1]) is recording


def test_ranges_are_the_operators_of_the_recording() -> None:
    x, mode = torch.ones(2), _RangeMode()

    def step() -> torch.Tensor:
        with torch.profiler.record_function("part of the program"):
            return (x + 1) * 2

    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler, mode:
        step()
    assert mode.names == [f"aten::{name}" for name in names(recorded(step))]
    events = profiler.events()
    assert events is not None
    ranges = [each for each in events if each.name.startswith("magneton operator")]
    assert [each.name[-1] for each in ranges] == ["0", "1"]
    children = [[child.name for child in each.cpu_children] for each in ranges]
    assert children == [["aten::add"], ["aten::mul"]]


@pytest.mark.parametrize(("own", "within"), [(None, "1"), ("0", "0")])
def test_the_profiler_is_told_to_leave_the_driver_unless_the_user_says_so(
    own: str | None, within: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEARDOWN_CUPTI", raising=False)
    if own is not None:
        monkeypatch.setenv("TEARDOWN_CUPTI", own)
    with taken_off():
        assert os.environ["TEARDOWN_CUPTI"] == within
    assert os.environ.get("TEARDOWN_CUPTI") == own
