"""Loads of our own on the device: to calibrate a model, to align a meter's log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Exercise:
    """Measure a calibration kernel instead of the step, as :class:`Measure` does the step.

    ``kind`` is what it does with tensors of ``dtype``: matrix products of ``size`` x ``size``
    (with TensorFloat-32 where ``tf32``), the transpose of such a matrix or the softmax of its rows,
    sums or copies of ``size`` elements, or nothing. On a GPU ``calls`` calls make one step.
    ``threads`` are those of torch, 0 as many as it has.
    """

    kind: Literal["idle", "product", "transpose", "softmax", "add", "copy"]
    dtype: str
    size: int
    tf32: bool
    calls: int
    threads: int
    window_s: float


@dataclass(frozen=True)
class Mark:
    """Load the device fully in the slots that ``pattern`` names, leave it idle in the others;
    each takes ``slot_s``."""

    pattern: tuple[bool, ...]
    slot_s: float


@dataclass(frozen=True)
class Slot:
    """A stretch of the monotonic clock in which the device was loaded (``on``) or left alone."""

    on: bool
    started_s: float
    ended_s: float


@dataclass(frozen=True)
class Marked:
    """When each slot of a :class:`Mark` was."""

    slots: tuple[Slot, ...]
