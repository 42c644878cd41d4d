"""What an operator's schema says of its arguments."""

from __future__ import annotations

import pytest
import torch

from magneton_agent.operands import (
    facts_of,
    keeps_elements,
    moved_tensor,
    tensors_in,
    written_tensors,
)

ATEN = torch.ops.aten


def test_tensors_in_nested_structures_in_order() -> None:
    a, b, c = torch.ones(1), torch.ones(1), torch.ones(1)
    found = list(tensors_in((a, [3, {"x": b}], "text", (c, a))))
    assert [id(each) for each in found] == [id(a), id(b), id(c), id(a)]


def test_written_tensors() -> None:
    a, b, out = torch.ones(1), torch.ones(1), torch.ones(1)
    assert [id(each) for each in written_tensors(facts_of(ATEN.add_.Tensor), (a, b), {})] == [id(a)]
    assert [id(each) for each in written_tensors(facts_of(ATEN.add.out), (a, b), {"out": out})] == [
        id(out)
    ]
    assert list(written_tensors(facts_of(ATEN.add.Tensor), (a, b), {})) == []
    lists = list(written_tensors(facts_of(ATEN._foreach_add_.Scalar), ([a, b], 1.0), {}))
    assert [id(each) for each in lists] == [id(a), id(b)]


@pytest.mark.parametrize(
    ("operator", "position"),
    [
        (ATEN.t.default, 0),
        (ATEN.clone.default, 0),
        (ATEN._to_copy.default, 0),
        (ATEN.copy_.default, 1),
        (ATEN._unsafe_view.default, 0),
        (ATEN.as_strided.default, None),
        (ATEN.unfold.default, None),
        (ATEN.add.Tensor, None),
    ],
    ids=str,
)
def test_what_may_only_be_moved(operator: torch._ops.OpOverload, position: int | None) -> None:
    args = (torch.ones(1), torch.ones(1))
    assert moved_tensor(facts_of(operator), args) is (None if position is None else args[position])


def test_elements_are_kept_by_views_and_copies_of_the_same_kind() -> None:
    x = torch.ones(2, 3)
    assert keeps_elements(facts_of(ATEN.t.default), x, x.t())
    assert keeps_elements(facts_of(ATEN._to_copy.default), x, x.bfloat16())
    assert not keeps_elements(facts_of(ATEN._to_copy.default), x, x.int())
    assert not keeps_elements(facts_of(ATEN._to_copy.default), x.int(), x.bool())
    assert not keeps_elements(facts_of(ATEN.slice.Tensor), x, x[:1])
    assert not keeps_elements(
        facts_of(ATEN.view.dtype), x, x.view(torch.int32).view(torch.float32)[:1]
    )
    half = x.half()
    assert not keeps_elements(facts_of(ATEN.view.dtype), half, half.view(torch.bfloat16))
