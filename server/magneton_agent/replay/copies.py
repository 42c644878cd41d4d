"""Arguments for running an operator again: private where it writes, the program's own elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch

from ..operands import facts_of, flat_tensors, written_tensors

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
_ALIGNMENT_BYTES = 64
_SHARE = 0.8  # of what is free
# Statistics and dropout states are written by kernels whose schemas do not say so.
_UNDECLARED = ("running_", "dropout_state")


def private_arguments(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Arguments:
    """``args`` and ``kwargs`` with a copy of all memory that ``func`` writes to.

    Tensors that share such memory share the copy, with their strides and offsets.
    """
    written = {_storage(tensor) for tensor in _written(func, args, kwargs)}
    sharing = defaultdict[int, list[torch.Tensor]](list)
    for tensor in flat_tensors((*args, *kwargs.values())):
        if _storage(tensor) in written:
            sharing[_storage(tensor)].append(tensor)
    copied = {id(old): new for tensors in sharing.values() for old, new in _copies(tensors)}
    return (
        tuple(replaced(each, copied) for each in args),
        {name: replaced(each, copied) for name, each in kwargs.items()},
    )


def lacks_memory(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> bool:
    """Whether copies and results might not fit into what is free. Results are taken to be no
    larger than twice what is read."""
    tensors = flat_tensors((*args, *kwargs.values()))
    needed = 2 * sum(map(_bytes, tensors)) + sum(map(_bytes, _written(func, args, kwargs)))
    on_device = next((tensor.device for tensor in tensors if tensor.is_cuda), None)
    free = _free_host_bytes() if on_device is None else _free_device_bytes(on_device)
    return free is not None and needed > _SHARE * free


def _written(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[torch.Tensor]:
    facts = facts_of(func)
    undeclared = [
        args[position] if position < len(args) else kwargs.get(name)
        for position, (name, _) in enumerate(facts.arguments)
        if name.startswith(_UNDECLARED)
    ]
    return [*written_tensors(facts, args, kwargs), *flat_tensors(undeclared)]


def _copies(tensors: list[torch.Tensor]) -> Iterable[tuple[torch.Tensor, torch.Tensor]]:
    """Each of ``tensors``, which share a storage, with its place in one copy of the part of it
    that they cover."""
    found = []
    for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
        same = [tensor for tensor in tensors if tensor.dtype == dtype]
        if len(same) < len(tensors):
            raise ValueError("its arguments see the same memory as different types")
        aligned = _ALIGNMENT_BYTES // same[0].element_size() or 1
        start = min(tensor.storage_offset() for tensor in same) // aligned * aligned
        end = max(_end(tensor) for tensor in same)
        part = same[0].detach().as_strided((max(0, end - start),), (1,), start).clone()
        found += [
            (old, part.as_strided(old.shape, old.stride(), old.storage_offset() - start))
            for old in same
        ]
    return found


def _end(tensor: torch.Tensor) -> int:
    """One past the last element of the storage that ``tensor`` shows."""
    if not tensor.numel():
        return int(tensor.storage_offset())
    sizes = zip(tensor.shape, tensor.stride(), strict=True)
    return int(tensor.storage_offset()) + 1 + sum((size - 1) * stride for size, stride in sizes)


def replaced(structure: Any, copied: dict[int, torch.Tensor]) -> Any:
    """``structure`` with each tensor whose identity is in ``copied`` exchanged."""
    if isinstance(structure, torch.Tensor):
        return copied.get(id(structure), structure)
    if isinstance(structure, list | tuple):
        return type(structure)([replaced(each, copied) for each in structure])
    return structure


def _storage(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _free_device_bytes(device: torch.device) -> int:
    free, _ = torch.cuda.mem_get_info(device)
    cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + cached)


def _free_host_bytes() -> int | None:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found = next((line for line in file if line.startswith("MemAvailable")), None)
    except OSError:
        return None
    return int(found.split()[1]) * 1024 if found is not None else None
