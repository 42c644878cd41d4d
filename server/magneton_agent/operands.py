"""What an operator's arguments are: read from its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from .sketch import kind_of

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
_COPIES = frozenset(
    ("aten::clone", "aten::_to_copy", "aten::copy_", "aten::_reshape_copy", "aten::_unsafe_view")
)
# Views that may repeat, skip or reinterpret elements even where their number stays the same.
_REARRANGING = frozenset(("aten::as_strided", "aten::unfold"))

# By argument the values with which an operator that can draw random numbers does not.
_WITHOUT_DRAWING = {
    "train": ("False",),
    "training": ("False",),
    "dropout": ("0.0", "0"),
    "dropout_p": ("0.0", "0"),
}


def tensors_in(structure: object) -> Iterator[torch.Tensor]:
    """The tensors in nested tuples, lists and dicts, in order."""
    if isinstance(structure, torch.Tensor):
        yield structure
    elif isinstance(structure, list | tuple):
        for item in structure:
            yield from tensors_in(item)
    elif isinstance(structure, dict):
        for item in structure.values():
            yield from tensors_in(item)


def written_tensors(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[torch.Tensor]:
    """The argument tensors that ``func`` writes to, in the order of its schema."""
    for position, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[position] if position < len(args) else kwargs.get(argument.name)
            yield from tensors_in(value)


def moved_tensor(func: torch._ops.OpOverload, args: tuple[Any, ...]) -> torch.Tensor | None:
    """The argument whose elements ``func`` may merely move or relabel."""
    name = func._schema.name
    if not (func.is_view or name in _COPIES) or name in _REARRANGING or not args:
        return None
    source = args[1] if name == "aten::copy_" and len(args) > 1 else args[0]
    return source if isinstance(source, torch.Tensor) else None


def keeps_elements(func: torch._ops.OpOverload, source: torch.Tensor, result: torch.Tensor) -> bool:
    """Whether ``result``, a view or copy of ``source``, holds just the same elements."""
    if source.numel() != result.numel() or kind_of(source) != kind_of(result):
        return False
    # A view can also read the same bytes as other numbers: conjugate, negative, of another type.
    return not func.is_view or _reading(source) == _reading(result)


def _reading(tensor: torch.Tensor) -> tuple[torch.dtype, bool, bool]:
    return tensor.dtype, tensor.is_conj(), tensor.is_neg()


def scalar_arguments(
    func: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, str]:
    """The arguments that hold no tensor, by schema name, defaults included."""
    found: dict[str, str] = {}
    for position, argument in enumerate(func._schema.arguments):
        if position < len(args):
            value = args[position]
        elif argument.name in kwargs:
            value = kwargs[argument.name]
        elif argument.has_default_value():
            value = argument.default_value
        else:
            continue
        if next(tensors_in(value), None) is None:
            found[argument.name] = _rendered(value)
    return found


def draws_random_numbers(func: torch._ops.OpOverload, arguments: dict[str, str]) -> bool:
    """Whether ``func`` with these scalar ``arguments`` asks a generator for numbers: dropout that
    is switched off does not."""
    if torch.Tag.nondeterministic_seeded not in func.tags:
        return False
    return not any(arguments.get(name) in values for name, values in _WITHOUT_DRAWING.items())


def _rendered(value: object) -> str:
    """``repr``, without addresses: they would make equal arguments of two processes differ."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_rendered, value))}]"
    return type(value).__name__
