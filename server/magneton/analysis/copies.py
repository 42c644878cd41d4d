"""Operators that move data into memory of their own: casts, other layouts, plain copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from magneton_agent.schema.recording import Operator, Recording, Value

from .paths import Path, call_path
from .repeats import only_looks

Kind = Literal["cast", "layout", "copy"]
Key = tuple[object, ...]


@dataclass(frozen=True)
class Copied:
    """One such operator, what it reads and what it gives."""

    operator: Operator
    source: Value
    result: Value

    @property
    def kind(self) -> Kind:
        """What it changes: the type (and perhaps the layout with it), the layout, or neither."""
        if self.source.dtype != self.result.dtype:
            return "cast"
        return "layout" if _laid_out(self.source) != _laid_out(self.result) else "copy"

    @property
    def text(self) -> str:
        """What it does, of something that is named before."""
        if self.kind == "cast":
            return f"casts {_type(self.source)} to {_type(self.result)}"
        if self.kind == "layout":
            became = f"{_strides(self.source)} become {_strides(self.result)}"
            return f"lays elements out anew (strides {became})"
        device = self.operator.arguments.get("device", "None")
        return "copies" if device == "None" else f"copies to {_device(device)}"

    @property
    def key(self) -> Key:
        """Equal ones do the same to tensors of one shape."""
        looks = ((each.dtype, *_laid_out(each)) for each in (self.source, self.result))
        return (self.operator.arguments.get("device"), *looks)


def copies(recording: Recording, operators: Iterable[int]) -> tuple[Copied, ...]:
    """Those of ``operators`` that only move data, and do not just look at it in another way."""
    return tuple(_copies(recording, operators))


def further(
    recording: Recording, own: Sequence[Copied], other: Sequence[Copied]
) -> tuple[tuple[Copied, ...], ...]:
    """What the side of ``recording`` moves beyond the ``other``: the copies of one place that do
    one thing, together, in order. What both do is left out a whole place at a time."""
    places: dict[tuple[Path, Key], list[Copied]] = {}
    for each in own:
        place = call_path(recording, each.operator.id)
        places.setdefault((place, each.key), []).append(each)
    left = Counter(each.key for each in other)
    found = []
    for (_, key), same in places.items():
        if len(same) <= left[key]:
            left[key] -= len(same)
        else:
            found.append(tuple(same))
    return tuple(found)


def _copies(recording: Recording, operators: Iterable[int]) -> Iterator[Copied]:
    values = recording.values
    for operator in (recording.operators[i] for i in operators):
        if not operator.movement or only_looks(operator, values):
            continue
        result = values[operator.outputs[0]]
        # What is written in place is read too; it held something else.
        source = next((i for i in operator.inputs if values[i].group == result.group), None)
        if source is not None:
            yield Copied(operator, values[source], result)


def _laid_out(value: Value) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return value.shape, value.strides


def _type(value: Value) -> str:
    return value.dtype.removeprefix("torch.")


def _strides(value: Value) -> str:
    return str(list(value.strides))


def _device(text: str) -> str:
    """``cuda`` of ``device(type='cuda', index=0)``."""
    return text.partition("'")[2].partition("'")[0] or text
