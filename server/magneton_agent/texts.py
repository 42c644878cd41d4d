"""Values that recordings hold as text."""

from __future__ import annotations

import ast
from typing import Any

import torch

_PLAIN = (
    str,
    bool,
    int,
    float,
    complex,
    type(None),
    torch.dtype,
    torch.device,
    torch.layout,
    torch.memory_format,
)
PLAIN_TYPES = frozenset(_PLAIN)
_KINDS = (torch.dtype, torch.memory_format, torch.layout)


def value_of(text: str) -> Any:
    """What ``text``, a ``repr``, stands for.

    Raises:
        ValueError: it is neither a literal nor one of torch's constants.
    """
    constant = getattr(torch, text.removeprefix("torch."), None)
    if isinstance(constant, _KINDS):
        return constant
    if text.lstrip("-") in ("inf", "nan"):
        return float(text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{text} is no value that can be set") from error


def rendered(value: object) -> str:
    """``repr``, without addresses: they would make equal arguments of two processes differ."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(rendered, value))}]"
    return type(value).__name__
