"""Casts and layouts that one side undoes before anything computes with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from magneton.analysis.undone import undone
from magneton_agent.step import Step
from tests.agent.recordings import recorded
from tests.engine.explained import seconds

X = torch.ones(3, 3)
F64, F32 = torch.float64, torch.float32


def superfluous(step: Step) -> list[tuple[int, ...]]:
    return [each.superfluous for each in undone(recorded(step))]


def in_a_loop() -> Tensor:
    found = X * 1
    for _ in range(2):
        found = found.to(F64).to(F32) * 2
    return found


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (lambda: X.to(F64).to(F32) * 2, [(0, 1)]),
        (lambda: X.half().to(F32).half() * 2, [(1, 2)]),  # only what was wide enough
        (lambda: X.t().contiguous().t().contiguous() * 2, [(1, 3)]),
        (lambda: X.t().contiguous().t().contiguous().to(F64).to(F32) * 2, [(1, 3), (4, 5)]),
        (lambda: X.to(F64).t().contiguous().to(F32).t().contiguous() * 2, [(0, 2, 3, 5)]),
        (in_a_loop, [(1, 2, 4, 5)]),
        (lambda: (y := X.to(F64)).to(F32) * y.t().to(F32), [(0, 1, 3)]),
    ],
)
def test_what_need_not_run(step: Step, expected: list[tuple[int, ...]]) -> None:
    assert superfluous(step) == expected


def read_between() -> Tensor:
    wide = X.to(F64)
    return wide.to(F32) + wide.sum()


def written_after() -> Tensor:
    own = X * 1
    kept = own.to(F64).to(F32)
    return own.add_(1) + kept


def writing_into_it() -> Tensor:
    own = X * 1
    return own.to(F64).to(F32).add_(1) + own


@pytest.mark.parametrize(
    "step",
    [
        lambda: X.half().to(F32) * 2,  # it rounds
        lambda: X.to(F64) * 2,
        lambda: X.t().contiguous() * 2,
        lambda: X.t().contiguous().clone() * 2,  # laid out alike, and not the same
        lambda: X.clone() * 2,  # kept for whatever reason
        lambda: (X.to(F64).to(F32), X * 2),  # what is returned needs memory of its own
        lambda: (y := X.to(F64).to(F32), y * 2),
        lambda: X.to("cpu", F64).to(F32) * 2,  # it may have been elsewhere
        lambda: X.to(F64).to(F32).shape and X * 2,  # nothing reads it
        read_between,
        written_after,
        writing_into_it,
    ],
)
def test_what_is_needed(step: Step) -> None:
    assert superfluous(step) == []


def test_of_a_backward_pass_nothing_is_said() -> None:
    recording = recorded(lambda: X.to(F64).to(F32) * 2)
    operators = tuple(replace(each, phase="backward") for each in recording.operators)
    assert undone(replace(recording, operators=operators)) == ()


def test_what_it_costs() -> None:
    recording = recorded(lambda: X.to(F64).to(F32) * 2)
    (found,) = undone(recording)
    step = seconds(recording)
    assert found.saving_j(step).value == pytest.approx(2.0)
    assert found.is_costly(step, 0.6)
    assert not found.is_costly(step, 0.7)
