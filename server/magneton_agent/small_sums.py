"""Power sums of small CPU tensors, taken many at a time.

One tensor of a few elements costs seven calls of torch, each a hundred times its arithmetic. Set
aside as they come and summed by size, many cost little more than one.
"""

from __future__ import annotations

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

import torch

from . import nonfinite

MOST_ELEMENTS = 2048
_HELD = 1 << 17  # elements set aside, at most
_ROWS = 64  # summed together, at most
_PLAIN = frozenset((torch.Tensor, torch.nn.Parameter))
_FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
_INTEGERS = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_REAL = frozenset((*_FLOATS, *_INTEGERS))
_STRIDED = torch.strided
_Kind = tuple[int, torch.dtype]  # how many elements, of what type
_Copy = TypeVar("_Copy", bytes, torch.Tensor)


class SmallSums:
    """Takes copies of small tensors and hands out their sums later."""

    def __init__(self) -> None:
        self._copies: defaultdict[_Kind, list[tuple[int, bytes]]] = defaultdict(list)
        self._clones: defaultdict[_Kind, list[tuple[int, torch.Tensor]]] = defaultdict(list)
        self._room = _HELD
        self._summed: list[tuple[int, list[int], list[list[float]]]] = []

    def set_aside_bytes(self, tensor: torch.Tensor, number: int) -> bool:
        """As :meth:`set_aside`, where the elements of ``tensor`` are simply what its memory holds;
        False, and nothing is done, where they are not, or are none or too many. A third of what a
        clone costs."""
        if type(tensor) not in _PLAIN or tensor.layout is not _STRIDED or not tensor.is_cpu:
            return False
        elements, dtype = tensor.numel(), tensor.dtype
        if not 0 < elements <= MOST_ELEMENTS or dtype not in _REAL:
            return False
        if not tensor.is_contiguous() or tensor.is_neg() or not tensor.untyped_storage().nbytes():
            return False
        address = tensor.data_ptr()
        if not address:  # zeros that have no memory
            return False
        self._copies[elements, dtype].append((number, ctypes.string_at(address, tensor.nbytes)))
        self._room -= elements
        if self._room < 0:
            self._sum()
        return True

    def set_aside(self, tensor: torch.Tensor, number: int) -> None:
        """Have the sums of ``tensor``, of any shape, among those of :meth:`finish`, by ``number``;
        its memory may be written meanwhile."""
        elements = tensor.numel()
        self._clones[elements, tensor.dtype].append((number, tensor.clone().reshape(-1)))
        self._room -= elements
        if self._room < 0:
            self._sum()

    def finish(self) -> Iterator[tuple[int, int, list[float]]]:
        """Number, elements and [min, max, sum x, |x|, x^2, x^3, x^4] of all that was set aside;
        where elements are not finite, of the others, and how many are NaN, inf and -inf."""
        self._sum()
        summed, self._summed = self._summed, []
        for elements, numbers, table in summed:
            for number, sums in zip(numbers, table, strict=True):
                yield number, elements, sums

    def _sum(self) -> None:
        for (elements, dtype), copies in self._copies.items():
            for numbers, rows in _batches(copies):
                # A copy that can be written: torch warns of memory that cannot.
                values = torch.frombuffer(bytearray().join(rows), dtype=dtype)
                self._sum_rows(values.reshape(-1, elements), numbers)
        for clones in self._clones.values():
            for numbers, tensors in _batches(clones):
                self._sum_rows(torch.stack(tensors), numbers)
        self._copies.clear()
        self._clones.clear()
        self._room = _HELD

    def _sum_rows(self, rows: torch.Tensor, numbers: list[int]) -> None:
        self._summed.append((rows.shape[1], numbers, _finite_sums(rows.double())))


def _batches(waiting: list[tuple[int, _Copy]]) -> Iterator[tuple[list[int], list[_Copy]]]:
    """Numbers and copies, as many at a time as are summed together."""
    for first in range(0, len(waiting), _ROWS):
        batch = waiting[first : first + _ROWS]
        yield [number for number, _ in batch], [copy for _, copy in batch]


def _finite_sums(values: torch.Tensor) -> list[list[float]]:
    """:func:`_sums` of what is finite in each row of ``values``."""
    found: list[list[float]] = _sums(values).tolist()
    for i, numbers in enumerate(found):
        if not math.isfinite(sum(numbers)):
            rest, counts = nonfinite.split(values[i])
            found[i] = [*(_sums(rest[None])[0].tolist() if len(rest) else nonfinite.NOTHING)]
            found[i] += counts
    return found


def _sums(values: torch.Tensor) -> torch.Tensor:
    """Those of every row of ``values``, float64: shape (rows, 7)."""
    squares = values * values
    low, high = torch.aminmax(values, dim=1)
    sums = [values, values.abs(), squares, squares * values, squares * squares]
    return torch.stack([low, high, *(each.sum(1) for each in sums)], dim=1)
