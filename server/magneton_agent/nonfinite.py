"""Sums of tensors that hold infinities or NaN: of their other elements, and how many are none."""

from __future__ import annotations

import math

import torch

from .schema.recording import NonFinite

# What sums over no elements at all are: they change no minimum, maximum or sum.
NOTHING = [math.inf, -math.inf, 0.0, 0.0, 0.0, 0.0, 0.0]


def split(values: torch.Tensor) -> tuple[torch.Tensor, list[float]]:
    """The finite elements of ``values``, shape (n,), and how many are NaN, inf and -inf."""
    finite = values[values.isfinite()]
    counts = [values.isnan().sum(), values.isposinf().sum(), values.isneginf().sum()]
    return finite, [float(count) for count in torch.stack(counts).tolist()]


def counted(parts: list[list[float]], repeats: int) -> NonFinite | None:
    """The counts behind the seven sums of ``parts``, each ``repeats`` times; None without any."""
    counts = [part[len(NOTHING) :] for part in parts if len(part) > len(NOTHING)]
    if not counts:
        return None
    return NonFinite(*(repeats * int(sum(each)) for each in zip(*counts, strict=True)))
