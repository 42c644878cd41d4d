"""Power sums of small CPU tensors, taken many at a time.

One tensor of a few elements costs seven calls of torch, each a hundred times its arithmetic. Set
aside as they come and summed by size, many cost little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from . import nonfinite

MOST_ELEMENTS = 2048
_HELD = 1 << 17  # elements set aside, at most
_ROWS = 64  # summed together, at most


class SmallSums:
    """Takes copies of small tensors and hands out their sums later."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[torch.Size, torch.dtype], list[tuple[int, torch.Tensor]]] = {}
        self._room = _HELD
        self._summed: list[tuple[int, list[int], list[list[float]]]] = []

    def set_aside(self, tensor: torch.Tensor, number: int) -> None:
        """Have the sums of ``tensor``, of any shape, among those of :meth:`finish`, by ``number``;
        its memory may be written meanwhile."""
        kind = tensor.shape, tensor.dtype
        copy = (number, tensor.clone())
        if (waiting := self._waiting.get(kind)) is None:
            self._waiting[kind] = [copy]
        else:
            waiting.append(copy)
        self._room -= tensor.numel()
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
        for (shape, _), waiting in self._waiting.items():
            for first in range(0, len(waiting), _ROWS):
                rows = waiting[first : first + _ROWS]
                values = torch.stack([each for _, each in rows]).double().reshape(len(rows), -1)
                self._summed.append(
                    (shape.numel(), [number for number, _ in rows], _finite_sums(values))
                )
        self._waiting.clear()
        self._room = _HELD


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
