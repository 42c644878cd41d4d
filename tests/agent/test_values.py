"""Which tensor holds which value."""

from __future__ import annotations

import gc
import weakref

import torch

from magneton_agent.values import ValueTable


def added(table: ValueTable, tensor: torch.Tensor) -> int:
    return table.add(tensor, "input", None, None)


def test_a_value_is_known_by_its_memory_and_how_it_is_read() -> None:
    table = ValueTable({})
    tensor = torch.arange(6.0)
    first = added(table, tensor)
    assert table.known(tensor) == first
    assert table.known(tensor.detach()) == first  # another object, the same memory
    assert table.known(tensor.view(6)) == first
    assert table.known(tensor.view(2, 3)) is None
    assert table.known(tensor[:3]) is None
    assert table.known(tensor[1:]) is None
    assert table.known(tensor.view(torch.int32)) is None
    assert table.known(tensor.clone()) is None


def test_a_conjugate_is_another_value_of_the_same_memory() -> None:
    table = ValueTable({})
    tensor = torch.tensor([1j])
    assert [added(table, tensor), added(table, tensor.conj())] == [0, 1]


def test_adding_twice_gives_the_same_value() -> None:
    table = ValueTable({})
    tensor = torch.ones(2)
    assert [added(table, tensor), added(table, tensor)] == [0, 0]
    assert len(table.values()) == 1


def test_a_write_makes_every_view_a_new_value() -> None:
    table = ValueTable({})
    tensor = torch.arange(6.0)
    half = tensor[:3]
    added(table, tensor)
    added(table, half)
    table.bump(half)
    assert table.known(tensor) is None
    assert table.known(half) is None


def test_who_wrote_is_known_for_every_view() -> None:
    table = ValueTable({})
    tensor = torch.arange(6.0)
    assert table.writer(tensor) is None
    table.add(tensor[:3], "operator", 7, None)
    assert table.writer(tensor) == 7
    table.add(tensor.view(3, 2), "operator", None, None)  # merely a view
    assert table.writer(tensor) == 7


def test_values_say_which_memory_holds_them_and_how_often_it_was_written() -> None:
    table = ValueTable({})
    tensor, other = torch.arange(6.0), torch.arange(6.0)
    ids = [added(table, tensor), added(table, tensor[:3]), added(table, other)]
    table.bump(tensor)
    ids += [added(table, tensor), added(table, tensor[:3])]
    values = [table.values()[number] for number in ids]
    assert [(each.storage, each.version) for each in values] == [
        *((0, 0), (0, 0), (1, 0)),
        *((0, 1), (0, 1)),
    ]


def test_memory_that_is_used_again_holds_another_value() -> None:
    table = ValueTable({})
    addresses: set[int] = set()
    while True:  # until the allocator hands a storage's address out again
        tensor = torch.ones(64)
        address = tensor.untyped_storage()._cdata
        assert table.known(tensor) is None
        if address in addresses:
            break
        addresses.add(address)
        added(table, tensor)
        del tensor


def test_no_tensor_is_held() -> None:
    table = ValueTable({})
    tensor = torch.ones(2)
    added(table, tensor)
    storage = weakref.ref(tensor.untyped_storage())
    del tensor
    gc.collect()
    assert storage() is None


def test_parameters_have_names() -> None:
    parameter, other = torch.ones(2, 3), torch.ones(2)
    table = ValueTable({id(parameter): "model.weight"})
    added(table, parameter)
    added(table, other)
    first, second = table.values()
    assert (first.name, first.origin, first.shape, first.strides, first.dtype, first.kind) == (
        *("model.weight", "parameter", (2, 3), (3, 1), "float32"),
        "float",
    )
    assert (second.name, second.origin) == (None, "input")


def test_a_member_of_a_group_has_no_sketch_of_its_own() -> None:
    table = ValueTable({})
    tensor = torch.ones(2, 3)
    first = added(table, tensor)
    second = table.add(tensor.t(), "operator", None, table.group(first))
    values = table.values()
    assert (values[second].group, values[second].sketch) == (first, None)
    assert values[first].sketch is not None


def test_memory_that_nobody_wrote_has_no_sketch() -> None:
    table = ValueTable({})
    value = table.add(torch.ones(2), "operator", 0, None, initialised=False)
    assert table.values()[value].sketch is None


def test_a_sparse_tensor_is_known_by_itself() -> None:
    table = ValueTable({})
    tensor = torch.eye(2).to_sparse()
    first = added(table, tensor)
    assert table.known(tensor) == first
    assert table.known(torch.eye(2).to_sparse()) is None
    assert (table.values()[first].strides, table.values()[first].sketch) == ((), None)
