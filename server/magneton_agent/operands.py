"""Which tensors an operator reads, moves and writes: read from its schema."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from .opaque_calls import OPAQUE
from .schema.collectives import exchanges, is_collective
from .sketch import kind_of
from .texts import rendered

_QUICK = frozenset((bool, int, float, str, type(None)))
_Tensor = torch.Tensor
_COPIES = frozenset(
    ("aten::clone", "aten::_to_copy", "aten::copy_", "aten::_reshape_copy", "aten::_unsafe_view")
)
# Views that may repeat, skip or reinterpret elements even where their number stays the same.
_REARRANGING = frozenset(("aten::as_strided", "aten::unfold"))
_UNINITIALISED = frozenset(
    (
        "aten::empty",
        "aten::empty_like",
        "aten::empty_strided",
        "aten::empty_permuted",
        "aten::new_empty",
        "aten::new_empty_strided",
    )
)


@dataclass(frozen=True, eq=False)
class OperatorFacts:
    """What one operator's schema says.

    ``arguments`` are names with rendered defaults (None where there is none, or where it holds a
    tensor); ``written`` are positions and names of those that it writes to. ``moves`` says that
    it may merely move or relabel the elements of its source; ``writes_result`` that what it gives
    holds something; ``draws`` that it can ask a generator for numbers; ``collective`` that all
    ranks of a group submit it together.
    """

    name: str
    view: bool
    moves: bool
    source: int
    writes_result: bool
    draws: bool
    arguments: tuple[tuple[str, str | None], ...]
    written: tuple[tuple[int, str], ...]
    collective: bool


@functools.cache
def opaque_facts(name: str) -> OperatorFacts:
    """The facts of a call that torch does not see."""
    return OperatorFacts(
        name=OPAQUE + name,
        view=False,
        moves=False,
        source=0,
        writes_result=True,
        draws=False,
        arguments=(),
        written=(),
        collective=False,
    )


@functools.cache
def facts_of(func: torch._ops.OpOverload) -> OperatorFacts:
    """The facts of ``func``, read once."""
    name, arguments = func._schema.name, func._schema.arguments
    return OperatorFacts(
        name=name,
        view=func.is_view,
        moves=(func.is_view or name in _COPIES) and name not in _REARRANGING,
        source=1 if name == "aten::copy_" else 0,
        writes_result=name not in _UNINITIALISED,
        draws=torch.Tag.nondeterministic_seeded in func.tags,
        arguments=tuple((each.name, _default(each)) for each in arguments),
        written=_written(func),
        collective=is_collective(name),
    )


def _written(func: torch._ops.OpOverload) -> tuple[tuple[int, str], ...]:
    arguments = func._schema.arguments
    if exchanges(func._schema.name) and func._schema.name.endswith("_"):
        return ((0, arguments[0].name),)  # their schemas do not say so
    return tuple(
        (position, each.name)
        for position, each in enumerate(arguments)
        if each.alias_info is not None and each.alias_info.is_write
    )


def _default(argument: Any) -> str | None:
    return rendered(argument.default_value) if argument.has_default_value() else None


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


def flat_tensors(structures: Iterable[object]) -> list[torch.Tensor]:
    """As :func:`tensors_in` for each of ``structures``, most of which are not nested."""
    found: list[torch.Tensor] = []
    for each in structures:
        if type(each) in _QUICK:
            continue
        if isinstance(each, _Tensor):
            found.append(each)
        else:
            found.extend(tensors_in(each))
    return found


def written_tensors(
    facts: OperatorFacts, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[torch.Tensor]:
    """The argument tensors that an operator writes to, in the order of its schema."""
    return flat_tensors(
        args[position] if position < len(args) else kwargs.get(name)
        for position, name in facts.written
    )


def moved_tensor(facts: OperatorFacts, args: tuple[Any, ...]) -> torch.Tensor | None:
    """The argument whose elements an operator may merely move or relabel."""
    if not facts.moves or len(args) <= facts.source:
        return None
    source = args[facts.source]
    return source if isinstance(source, torch.Tensor) else None


def keeps_elements(facts: OperatorFacts, source: torch.Tensor, result: torch.Tensor) -> bool:
    """Whether ``result``, a view or copy of ``source``, holds just the same elements."""
    if source.numel() != result.numel():
        return False
    if source.dtype is not result.dtype and kind_of(source.dtype) != kind_of(result.dtype):
        return False
    # A view can also read the same bytes as other numbers: conjugate, negative, of another type.
    return not facts.view or _reading(source) == _reading(result)


def _reading(tensor: torch.Tensor) -> tuple[torch.dtype, bool, bool]:
    dtype = tensor.dtype
    return dtype, dtype.is_complex and tensor.is_conj(), tensor.is_neg()
