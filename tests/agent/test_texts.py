"""What a recorded text stands for."""

from __future__ import annotations

import math

import pytest
import torch

from magneton_agent.texts import value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("torch.bfloat16", torch.bfloat16),
        ("torch.channels_last", torch.channels_last),
        ("'high'", "high"),
        ("[1, None]", [1, None]),
        ("-inf", -math.inf),
    ],
)
def test_values(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize("text", ["Generator", "torch.add", "<_BlasBackend.Cublas: 0>"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(ValueError, match="is no value that can be set"):
        value_of(text)
