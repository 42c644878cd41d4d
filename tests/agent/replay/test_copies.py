"""Copies of what an operator writes: aliases, strides and offsets stay."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from magneton_agent.replay import copies
from magneton_agent.replay.copies import lacks_memory, private_arguments

aten = torch.ops.aten


def test_what_is_only_read_is_the_programs_own() -> None:
    x, y = torch.zeros(3), torch.ones(3)
    (a, b), _ = private_arguments(aten.add_.Tensor, (x, y), {})
    assert b is y
    assert a.data_ptr() != x.data_ptr()
    assert torch.equal(a, x)


def test_a_copied_view_keeps_its_strides_and_alignment() -> None:
    base = torch.arange(400.0).reshape(20, 20)
    view = base.t()[3:7, 5:9]
    (a, _), _ = private_arguments(aten.add_.Tensor, (view, 1.0), {})
    assert (a.shape, a.stride()) == (view.shape, view.stride())
    assert torch.equal(a, view)
    assert a.data_ptr() % 64 == view.data_ptr() % 64
    # Only the part that is seen, from row 5 on, and back to a multiple of 64 bytes.
    assert a.untyped_storage().nbytes() < base.untyped_storage().nbytes()


def test_arguments_that_share_memory_share_the_copy() -> None:
    base = torch.arange(8.0)
    (a, b), _ = private_arguments(aten.add_.Tensor, (base[1:5], base[0:4]), {})
    a.fill_(9.0)
    assert b.tolist() == [0.0, 9.0, 9.0, 9.0]
    assert torch.equal(base, torch.arange(8.0))


def test_lists_and_keywords_are_copied_too() -> None:
    tensors, out = [torch.zeros(2), torch.ones(2)], torch.empty(2)
    (listed, _), _ = private_arguments(aten._foreach_add_.Scalar, (tensors, 1.0), {})
    assert [each.tolist() for each in listed] == [[0.0, 0.0], [1.0, 1.0]]
    assert not {each.data_ptr() for each in listed} & {each.data_ptr() for each in tensors}
    (x,), keywords = private_arguments(aten.sin.out, (tensors[0],), {"out": out})
    assert x is tensors[0]
    assert keywords["out"].data_ptr() != out.data_ptr()


def test_empty_and_scalar_tensors() -> None:
    for tensor in (torch.zeros(0, 3), torch.tensor(2.0)):
        (a, _), _ = private_arguments(aten.add_.Tensor, (tensor, 1.0), {})
        assert torch.equal(a, tensor)
        assert a is not tensor


def test_memory_seen_as_two_types_is_not_copied() -> None:
    x = torch.zeros(4)
    with pytest.raises(ValueError, match="different types"):
        private_arguments(aten.add_.Tensor, (x, x.view(torch.int32)), {})


def test_too_little_memory_is_said_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    x: Any = torch.zeros(1000)  # 4,000 bytes: twice for the result, once for the copy
    monkeypatch.setattr(copies, "_free_host_bytes", lambda: 16_000)
    assert not lacks_memory(aten.sin.default, (x,), {})
    assert not lacks_memory(aten.sin_.default, (x,), {})
    monkeypatch.setattr(copies, "_free_host_bytes", lambda: 14_000)
    assert not lacks_memory(aten.sin.default, (x,), {})
    assert lacks_memory(aten.sin_.default, (x,), {})
    monkeypatch.setattr(copies, "_free_host_bytes", lambda: None)
    assert not lacks_memory(aten.sin_.default, (x,), {})
