"""What a step returned, kept as raw bytes so that another process can compare it.

No pickle: a file of bytes a tensor, and one JSON index.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from .schema.messages import OUTPUTS_INDEX, OutputCheck, OutputError
from .sketch import with_memory


@dataclass(frozen=True)
class Leaf:
    """One tensor or number in what a step returned, named by its path in the structure."""

    name: str
    value: torch.Tensor


def leaves(structure: object, name: str = "output") -> Iterator[Leaf]:
    """Tensors and numbers in nested containers, in order; dataclasses by field. An integer that no
    type of torch can hold is left out, as texts are."""
    if isinstance(structure, torch.Tensor):
        yield Leaf(name, structure.detach())
    elif isinstance(structure, bool | int | float | complex):
        if (value := _tensor_of(structure)) is not None:
            yield Leaf(name, value)
    elif isinstance(structure, dict):
        for key, item in structure.items():
            yield from leaves(item, f"{name}[{key!r}]")
    elif dataclasses.is_dataclass(structure) and not isinstance(structure, type):
        for field in dataclasses.fields(structure):
            yield from leaves(getattr(structure, field.name), f"{name}.{field.name}")
    elif isinstance(structure, list | tuple):
        for position, item in enumerate(structure):
            yield from leaves(item, f"{name}[{position}]")


def _tensor_of(number: complex) -> torch.Tensor | None:
    try:
        return torch.tensor(number, dtype=_dtype_of(number))
    except OverflowError:  # an integer beyond the largest float
        return None


def _dtype_of(number: complex) -> torch.dtype:
    """A type in which ``number`` (bool, int, float or complex) keeps its value."""
    if isinstance(number, bool):
        return torch.bool
    if isinstance(number, int) and -(2**63) <= number < 2**63:
        return torch.int64
    return torch.complex128 if isinstance(number, complex) else torch.float64


def save(folder: str, found: list[Leaf]) -> None:
    """Write every leaf's bytes and their index into ``folder``."""
    index = []
    for position, leaf in enumerate(found):
        tensor = _plain(leaf.value)
        with open(os.path.join(folder, str(position)), "wb") as file:
            file.write(_bytes_of(tensor))
        shape = list(leaf.value.shape)
        index.append({"name": leaf.name, "shape": shape, "dtype": _name(tensor.dtype)})
    with open(os.path.join(folder, OUTPUTS_INDEX), "w", encoding="utf-8") as file:
        json.dump(index, file)


def load(folder: str) -> list[Leaf]:
    """The leaves that :func:`save` wrote."""
    with open(os.path.join(folder, OUTPUTS_INDEX), encoding="utf-8") as file:
        index = json.load(file)
    found = []
    for position, entry in enumerate(index):
        dtype = getattr(torch, entry["dtype"])
        elements = math.prod(entry["shape"])
        path = os.path.join(folder, str(position))
        tensor = (
            torch.from_file(path, size=elements, dtype=dtype)
            if elements
            else torch.empty(0, dtype=dtype)
        )
        found.append(Leaf(entry["name"], tensor.reshape(entry["shape"])))
    return found


def names_in(folder: str) -> tuple[str, ...]:
    """The names of the leaves that :func:`save` wrote, in order."""
    with open(os.path.join(folder, OUTPUTS_INDEX), encoding="utf-8") as file:
        return tuple(each["name"] for each in json.load(file))


def ordered(found: list[Leaf], names: Sequence[str]) -> list[Leaf]:
    """``found`` in the order of ``names``, if they have just these: entries of a mapping are told
    apart by their keys, in whatever order they were given."""
    by_name = {each.name: each for each in found}
    same = len(by_name) == len(found) == len(names) and by_name.keys() == set(names)
    return [by_name[name] for name in names] if same else found


def compare(reference: list[Leaf], found: list[Leaf]) -> tuple[OutputCheck, ...]:
    """Pair by name where both have the same ones, else by position; an output without a partner
    differs."""
    found = ordered(found, [each.name for each in reference])
    checks = [_compare_leaf(a, b) for a, b in zip(reference, found, strict=False)]
    for extra in reference[len(found) :] + found[len(reference) :]:
        text = f"{extra.name} has no counterpart: {len(reference)} outputs against {len(found)}"
        checks.append(OutputCheck(extra.name, False, None, text))
    return tuple(checks)


def _compare_leaf(reference: Leaf, found: Leaf) -> OutputCheck:
    a, b = _plain(reference.value), _plain(found.value)
    if reference.value.shape != found.value.shape:
        text = f"{found.name}: shape {tuple(reference.value.shape)} against {tuple(b.shape)}"
        return OutputCheck(found.name, False, None, text)
    if reference.value.numel() == 0:
        return OutputCheck(found.name, True, 0.0, None)
    error = error_of(a.reshape(b.shape), b)
    equal = error.is_small(_name(a.dtype), _name(b.dtype))
    largest = error.largest if math.isfinite(error.largest) else None
    return OutputCheck(found.name, equal, largest, None if equal else error.told(found.name))


def error_of(a: torch.Tensor, b: torch.Tensor) -> OutputError:
    """How far ``b`` is from ``a``, of equal shapes. An element near zero is judged by the tensor's
    scale."""
    wide = torch.complex128 if a.is_complex() or b.is_complex() else torch.float64
    worst, square = 0.0, 0.0
    norm = float(torch.linalg.vector_norm(a.to(wide).nan_to_num(posinf=0.0, neginf=0.0)))
    rms = norm / math.sqrt(a.numel()) or 1e-300
    for left, right in zip(a.reshape(-1).split(1 << 22), b.reshape(-1).split(1 << 22), strict=True):
        x, y = left.to(wide), right.to(wide)
        same = (x == y) | (x.isnan() & y.isnan())
        apart = torch.where(same, 0.0, (x - y).abs())
        error = apart / torch.maximum(x.abs(), y.abs()).clamp(min=rms)
        error = torch.where(same, 0.0, error).nan_to_num(nan=math.inf, posinf=math.inf)
        worst = max(worst, float(error.max()))
        square += float(apart.square().nan_to_num(posinf=0.0).sum())
    return OutputError(worst, math.sqrt(square / a.numel()) / rms)


def _bytes_of(tensor: torch.Tensor) -> ctypes.Array[ctypes.c_char]:
    # Tensor.numpy() would need NumPy, which the user's environment may lack.
    size = tensor.numel() * tensor.element_size()
    return (ctypes.c_char * size).from_address(tensor.data_ptr()) if size else (ctypes.c_char * 0)()


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous CPU copy in a dtype that raw bytes can stand for."""
    if tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor._is_zerotensor():
        tensor = with_memory(tensor)
    return tensor.resolve_conj().resolve_neg().cpu().contiguous()
