"""Collectives end within their own operator; a group of one rank has all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch._C import _distributed_c10d as c10d
from torch.distributed import _functional_collectives as functional

from magneton_agent.collectives import finished
from magneton_agent.schema.collectives import exchanges, is_collective

from .recordings import group_sketch, names, recorded


@pytest.fixture
def rank(tmp_path: Path) -> Iterator[None]:
    """This process as the only rank of a group."""
    store = f"file://{tmp_path / 'store'}"
    dist.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        yield
    finally:
        dist.destroy_process_group()


def not_waited_for() -> int:
    """How many functional collectives have been submitted and not waited for."""
    return int(c10d._get_work_registry_size())


@pytest.mark.usefixtures("rank")
def test_a_functional_collective_is_waited_for() -> None:
    world: Any = dist.group.WORLD
    group: Any = functional._resolve_group(world)
    func = torch.ops._c10d_functional.all_reduce.default
    arguments = (torch.ones(3), "sum", group.group_name)
    submitted = func(*arguments)
    assert not_waited_for() == 1
    torch.ops._c10d_functional.wait_tensor(submitted)
    result = finished(func, arguments, {})
    assert not_waited_for() == 0
    assert result.tolist() == [1.0, 1.0, 1.0]
    again = finished(torch.ops._c10d_functional.wait_tensor.default, (result,), {})
    assert again.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.usefixtures("rank")
def test_a_recorded_collective_has_its_values() -> None:
    x = torch.ones(3)
    world: Any = dist.group.WORLD

    def step() -> Any:
        dist.all_reduce(x, async_op=True)
        return functional.all_reduce(x * 2.0, "sum", world) + 1.0

    found = recorded(step)
    assert names(found) == [
        *("c10d::allreduce_", "mul", "_c10d_functional::all_reduce"),
        *("_c10d_functional::_wrap_tensor_autograd", "add"),
    ]
    sketches = [group_sketch(found, found.values[each.outputs[0]]) for each in found.operators]
    assert [each and each.total for each in sketches] == [3.0, 6.0, 6.0, 6.0, 9.0]


def test_what_exchanges_data_and_who_takes_part() -> None:
    def told(operator: str) -> tuple[bool, bool]:
        return exchanges(operator), is_collective(operator)

    assert told("c10d::allreduce_") == (True, True)
    assert told("_c10d_functional::wait_tensor") == (True, True)
    assert told("c10d_functional::all_gather_into_tensor") == (True, True)
    assert told("c10d::recv_any_source_") == (True, False)
    assert told("_c10d_functional::isend") == (True, False)
    assert told("c10d::check_for_nan") == (False, False)
    assert told("aten::add") == (False, False)
