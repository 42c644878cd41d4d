"""Whether what a copy changed is given back."""

from __future__ import annotations

import pytest
import torch

from magneton.analysis.copies import copies
from magneton.analysis.retracing import Readers, given_back
from magneton_agent.step import Step
from tests.agent.recordings import recorded

X, SQUARE = torch.ones(2, 3), torch.ones(3, 3)
IMAGE = torch.ones(2, 3, 4, 5)
F64, F32 = torch.float64, torch.float32


def undoing(step: Step) -> int | None:
    """The operator that gives back what the first copy of a step changed."""
    recording = recorded(step)
    first = copies(recording, range(len(recording.operators)))[0]
    found = given_back(Readers(recording), first)
    return found.id if found is not None else None


@pytest.mark.parametrize(
    ("step", "operator"),
    [
        (lambda: X.to(F64).to(F32), 1),
        (lambda: X.to(F64).t().to(F32), 2),
        (lambda: X.t().contiguous().t().contiguous(), 3),
        (lambda: SQUARE.t().contiguous().t().contiguous(), 3),
        (lambda: IMAGE.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).contiguous(), 3),
        (lambda: IMAGE.transpose(-1, 1).contiguous().transpose(1, 3).contiguous(), 3),
        (lambda: IMAGE.contiguous(memory_format=torch.channels_last).contiguous(), 1),
        # The first of several.
        (lambda: [(y := X.to(F64)).t().to(F32), y.to(F32)][0], 2),
    ],
)
def test_where_it_is_given_back(step: Step, operator: int) -> None:
    assert undoing(step) == operator


@pytest.mark.parametrize(
    "step",
    [
        lambda: X.to(F64),
        lambda: (X.to(F64) * 2).to(F32),  # it was computed with
        lambda: SQUARE.t().contiguous().clone(),  # as laid out as its transpose, which it is not
        lambda: X.t().contiguous().view(2, 3).clone(),  # its elements are in another order
        lambda: X.t().contiguous().view(6, 1).clone(),
        lambda: X.clone().clone(),  # nothing was changed
    ],
)
def test_where_it_is_not(step: Step) -> None:
    assert undoing(step) is None


def test_what_is_read_before_is_no_undoing() -> None:
    recording = recorded(lambda: X.double().float() + X.double())
    found = [given_back(Readers(recording), each) for each in copies(recording, range(4))]
    assert [each.id if each is not None else None for each in found] == [1, None, None]
