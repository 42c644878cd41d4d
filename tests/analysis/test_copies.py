"""Operators that move data into memory of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from magneton.analysis.copies import Copied, copies, further
from magneton_agent.schema.recording import Recording
from magneton_agent.step import Step
from tests.agent.recordings import recorded

X = torch.ones(2, 3)


def copied(step: Step) -> tuple[Recording, tuple[Copied, ...]]:
    recording = recorded(step)
    return recording, copies(recording, range(len(recording.operators)))


@pytest.mark.parametrize(
    ("step", "kind", "text"),
    [
        (lambda: X.to(torch.float64), "cast", "casts float32 to float64"),
        (
            lambda: X.t().contiguous(),
            "layout",
            "lays elements out anew (strides [1, 3] become [2, 1])",
        ),
        (X.clone, "copy", "copies"),
        (lambda: torch.empty(2, 3).copy_(X), "copy", "copies"),
        (lambda: torch.empty(2, 3).half().copy_(X), "cast", "casts float32 to float16"),
    ],
)
def test_what_it_does(step: Step, kind: str, text: str) -> None:
    _, found = copied(step)
    assert (found[-1].kind, found[-1].text) == (kind, text)


def test_where_it_copies_to() -> None:
    _, (found,) = copied(X.clone)
    arguments = {"device": "device(type='cuda', index=0)"}
    there = replace(found, operator=replace(found.operator, arguments=arguments))
    assert there.text == "copies to cuda"


@pytest.mark.parametrize("step", [X.t, X.contiguous, lambda: X * 2, lambda: X.view(3, 2)])
def test_what_is_no_copy(step: Step) -> None:
    assert copied(step)[1] == ()


def test_only_the_operators_that_are_asked_for() -> None:
    recording = recorded(lambda: X.clone() + X.double())
    assert [each.operator.id for each in copies(recording, [1, 2])] == [1]


def several() -> Tensor:
    found = X.double()
    for _ in range(3):
        found = found + X.clone()
    return found


def test_what_one_side_moves_more_is_told_by_place() -> None:
    recording, own = copied(several)
    _, other = copied(X.double)
    assert [[each.text for each in same] for same in further(recording, own, ())] == [
        ["casts float32 to float64"],
        ["copies"] * 3,
    ]
    assert [[each.text for each in same] for same in further(recording, own, other)] == [
        ["copies"] * 3
    ]


def test_of_one_place_all_or_none_is_more() -> None:
    recording, own = copied(several)
    _, once = copied(X.clone)
    _, often = copied(lambda: X.clone() + X.clone() + X.clone())
    assert [len(same) for same in further(recording, own, once)] == [1, 3]
    assert [len(same) for same in further(recording, own, often)] == [1]
