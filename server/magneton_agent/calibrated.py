"""A target without work of its own: what ``magneton calibrate`` loads to run its kernels in."""

from __future__ import annotations

from collections.abc import Callable

import torch


def build() -> Callable[[], torch.Tensor]:
    """A step that returns a number held by the device."""
    held = torch.zeros(1, device="cuda" if torch.cuda.is_available() else "cpu")
    return lambda: held
