"""A network of convolutions in float32, images as they are loaded: batch, channels, rows, columns.

``magneton what-if benchmarks/what_if/convolution.py:build --device cpu``
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

WIDTHS = (16, 32, 64, 128)


def block(before: int, after: int) -> nn.Sequential:
    """Two convolutions, the first of which halves rows and columns."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


def build() -> Callable[[], torch.Tensor]:
    """Classifies four images of 64 x 64."""
    blocks = [block(before, after) for before, after in zip((3, *WIDTHS), WIDTHS, strict=False)]
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], 100))
    model, images = nn.Sequential(*blocks, head).eval(), torch.randn(4, 3, 64, 64)

    def step() -> torch.Tensor:
        with torch.no_grad():
            return model(images)

    return step
