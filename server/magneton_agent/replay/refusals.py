"""Which operators may be run again, and which of those a CUDA graph can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..operands import facts_of, flat_tensors
from ..schema.collectives import exchanges

_PLAIN_TENSORS = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
_DATA_DEPENDENT = (torch.Tag.dynamic_output_shape, torch.Tag.data_dependent_output)
# They change what a tensor is, or wait for it, and compute nothing that could be measured.
_EFFECTS = frozenset(
    f"aten::{name}"
    for name in (
        *("_assert_async", "_assert_scalar", "_local_scalar_dense", "record_stream"),
        *("resize_", "resize_as_", "set_", "set_data", "rename_", "pin_memory", "_pin_memory"),
    )
)


def refusal(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str | None:
    """Why this call must not be made twice, None where it may be."""
    facts = facts_of(func)
    if exchanges(facts.name):
        return "it exchanges data with other processes"
    if func.namespace != "aten":
        return "it is not an operator of torch: what else it does is not known"
    if facts.name in _EFFECTS:
        return "it has effects beside its result"
    if facts.view:
        return "it only makes a view"
    tensors = flat_tensors((*args, *kwargs.values()))
    if any(type(tensor) not in _PLAIN_TENSORS for tensor in tensors):
        return "it works on tensors of the program's own kind"
    if any(tensor.layout != torch.strided for tensor in tensors):
        return "it works on sparse tensors"
    return None


def captures(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any], results: object
) -> bool:
    """Whether a CUDA graph can hold the call: nothing random, nothing on the host, and nothing
    that waits for the device. A capture that fails is costly, so doubt counts against it."""
    if any(tag in func.tags for tag in (*_DATA_DEPENDENT, torch.Tag.nondeterministic_seeded)):
        return False
    tensors = flat_tensors((*args, *kwargs.values()))
    outputs = flat_tensors((results,))
    if not outputs or any(not tensor.is_cuda for tensor in outputs):
        return False
    if any(not tensor.is_cuda and tensor.dim() for tensor in tensors):
        return False
    return not (facts_of(func).name.startswith("aten::index") and _masked(tensors))


def _masked(tensors: Sequence[torch.Tensor]) -> bool:
    """Whether an index is a mask, whose size only the device knows."""
    return any(tensor.dtype in (torch.bool, torch.uint8) for tensor in tensors)
