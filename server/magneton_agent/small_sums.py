"""Power sums of small CPU tensors, taken many at a time.

One tensor of a few elements costs seven calls of torch, each a hundred times its arithmetic. Set
aside as they come, in float64 and by size, many cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

MOST_ELEMENTS = 2048
_ROWS, _ELEMENTS = 64, 1 << 16  # set aside of one size, at most
Receive = Callable[[list[float]], None]


@dataclass
class _Rows:
    """Tensors of one size: ``table`` has shape (rows, elements), ``rows`` are views of it."""

    table: torch.Tensor
    rows: tuple[torch.Tensor, ...]
    waiting: list[Receive] = field(default_factory=list)


class SmallSums:
    """Takes copies of small tensors and hands out their sums later."""

    def __init__(self) -> None:
        self._held: dict[int, _Rows] = {}

    def set_aside(self, flat: torch.Tensor, receive: Receive) -> None:
        """Have [min, max, sum x, |x|, x^2, x^3, x^4] of ``flat``, shape (n,), given to ``receive``
        at the latest by :meth:`finish`; its memory may be written meanwhile."""
        held = self._held.get(flat.numel()) or self._of_size(flat.numel())
        held.rows[len(held.waiting)].copy_(flat)
        held.waiting.append(receive)
        if len(held.waiting) == len(held.rows):
            _hand_out(held)

    def finish(self) -> None:
        """Hand out all that still waits."""
        for held in self._held.values():
            if held.waiting:
                _hand_out(held)

    def _of_size(self, elements: int) -> _Rows:
        rows = max(1, min(_ROWS, _ELEMENTS // elements))
        with torch.inference_mode(False):  # to be written outside of inference mode too
            table = torch.empty(rows, elements, dtype=torch.float64, device="cpu")
            held = self._held[elements] = _Rows(table, table.unbind())
        return held


def _hand_out(held: _Rows) -> None:
    values = held.table[: len(held.waiting)]
    squares = values * values
    low, high = torch.aminmax(values, dim=1)
    sums = [values, values.abs(), squares, squares * values, squares * squares]
    found = torch.stack([low, high, *(each.sum(1) for each in sums)], dim=1).tolist()
    for receive, numbers in zip(held.waiting, found, strict=True):
        receive(numbers)
    held.waiting.clear()
