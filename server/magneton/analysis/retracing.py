"""What becomes of a copy where it is only moved on: whether its type or layout is given back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording, Value

from .copies import Copied

Order = tuple[int, ...]
"""By dimension of a value, which one of a copy's source that is: where elements are, strides alone
do not tell (a square matrix looks like its transpose)."""
_AS_IT_IS = frozenset(
    f"aten::{name}"
    for name in ("clone", "_to_copy", "copy_", "detach", "alias", "view", "_unsafe_view", "expand")
)


@dataclass(frozen=True)
class Moved:
    """A value that an ``operator`` made of a copy by moving it on, in its ``order`` of dimensions;
    None where that is not known."""

    operator: Operator
    value: Value
    order: Order | None

    def looks_like(self, source: Value) -> bool:
        """Whether it lies in memory as ``source`` does, dimensions in another order at most."""
        return self.order is not None and all(
            size == 1 or stride == source.strides[dimension]
            for size, stride, dimension in zip(
                self.value.shape, self.value.strides, self.order, strict=True
            )
        )

    def undoes(self, copied: Copied) -> bool:
        """Whether it has again what ``copied`` changed."""
        if copied.kind == "cast":
            return self.value.dtype == copied.source.dtype
        return copied.kind == "layout" and self.looks_like(copied.source)


class Readers:
    """Which operators of a recording read each value."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._of: dict[int, list[int]] = {}
        for operator in recording.operators:
            for value in dict.fromkeys(operator.inputs):
                self._of.setdefault(value, []).append(operator.id)

    def of(self, value: int) -> list[Operator]:
        """In execution order."""
        return [self._recording.operators[i] for i in self._of.get(value, ())]

    def moved(self, start: Moved) -> Iterator[Moved]:
        """What operators that only move data make of the value of ``start`` at once."""
        values = self._recording.values
        for operator in self.of(start.value.id):
            if not operator.movement or operator.id <= start.operator.id:
                continue
            for result in (values[i] for i in operator.outputs):
                if result.group == start.value.group:
                    yield Moved(operator, result, _order(operator, start, result))


def begun(copied: Copied) -> Moved:
    """The result of a copy, to be followed from there."""
    return Moved(copied.operator, copied.result, tuple(range(len(copied.source.shape))))


def given_back(readers: Readers, copied: Copied) -> Operator | None:
    """The first operator that, with nothing but movement in between, gives back the type or layout
    that ``copied`` changed."""
    pending, seen, found = [begun(copied)], {copied.result.id}, list[Operator]()
    while pending:
        for each in readers.moved(pending.pop()):
            if each.value.id in seen:
                continue
            seen.add(each.value.id)
            if each.undoes(copied):
                found.append(each.operator)
            else:
                pending.append(each)
    return min(found, key=lambda operator: operator.id, default=None)


def _order(operator: Operator, start: Moved, result: Value) -> Order | None:
    """The order of what ``operator`` makes of ``start``."""
    order, dimensions = start.order, len(start.value.shape)
    if order is None:
        return None
    if operator.name in _AS_IT_IS:
        return order if result.shape == start.value.shape else None
    permuted = _permuted(operator, dimensions)
    return tuple(order[i] for i in permuted) if permuted is not None else None


def _permuted(operator: Operator, dimensions: int) -> tuple[int, ...] | None:
    """Which dimension each one of the result was, of operators that exchange them."""
    arguments, order = operator.arguments, list(range(dimensions))
    try:
        if operator.name == "aten::permute":
            return tuple(int(i) % dimensions for i in ast.literal_eval(arguments["dims"]))
        if operator.name == "aten::t":
            return tuple(reversed(order))
        if operator.name == "aten::transpose":
            i, j = (int(arguments[name]) for name in ("dim0", "dim1"))
            order[i], order[j] = order[j], order[i]
            return tuple(order)
    except (KeyError, ValueError, IndexError, SyntaxError, ZeroDivisionError):
        pass  # they are given otherwise than this knows
    return None
