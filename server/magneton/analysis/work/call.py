"""One recorded operator with the tensors that it took and gave."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from magneton_agent.schema.recording import Operator, Recording, Value

_BYTES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "complex128": 16,
    "complex64": 8,
    "complex32": 4,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "uint64": 8,
    "uint32": 4,
    "uint16": 2,
}  # everything else, 8-bit numbers and booleans, takes one


@dataclass(frozen=True)
class Call:
    """One operator; ``name`` without its namespace. ``inputs`` are its tensors in the order of
    its schema, ``arguments`` its scalars as they were written down."""

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    arguments: dict[str, str]

    @property
    def is_view(self) -> bool:
        """Whether it only shows memory that is there already."""
        held = {(each.storage, each.version) for each in self.inputs}
        return all((each.storage, each.version) in held for each in self.outputs)

    def numbers(self, name: str) -> list[int]:
        """The integers in a scalar argument."""
        return [int(each) for each in re.findall(r"-?\d+", self.arguments.get(name, ""))]

    def flags(self, name: str) -> list[bool]:
        """The booleans in a scalar argument."""
        return [each == "True" for each in re.findall(r"True|False", self.arguments.get(name, ""))]


def call_of(recording: Recording, operator: Operator) -> Call:
    """``operator`` with its tensors."""
    values = recording.values
    return Call(
        operator.name.rpartition("::")[2],
        tuple(values[i] for i in operator.inputs),
        tuple(values[i] for i in operator.outputs),
        operator.arguments,
    )


def elements(value: Value) -> int:
    """How many elements a tensor has, repeated ones counted."""
    return math.prod(value.shape)


def all_elements(values: Sequence[Value]) -> int:
    """The elements of several tensors."""
    return sum(map(elements, values))


def element_bytes(dtype: str) -> int:
    """What one element of a tensor takes."""
    return _BYTES.get(dtype, 1)


def held_bytes(value: Value) -> int:
    """The bytes that a tensor's elements take; those of an expanded dimension are there once."""
    kept = (
        size for size, stride in zip(value.shape, value.strides, strict=False) if stride or size < 2
    )
    return math.prod(kept) * element_bytes(value.dtype)
