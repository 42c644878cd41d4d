"""Hand-made recordings: programs on lists of numbers, written down operator by operator."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from magneton_agent.schema.recording import (
    NonFinite,
    Operator,
    Origin,
    Phase,
    Recording,
    Sketch,
    Value,
    ValueKind,
)

Numbers = Sequence[float]


def gauss(elements: int, seed: int, scale: float = 1.0) -> list[float]:
    """Normally distributed numbers, the same for the same seed."""
    source = random.Random(seed)
    return [scale * source.gauss(0.0, 1.0) for _ in range(elements)]


def sketch(numbers: Numbers) -> Sketch:
    """The sketch that the agent makes of a tensor of these numbers."""
    count = len(numbers)
    if not all(map(math.isfinite, numbers)):
        counts = (sum(map(math.isnan, numbers)), numbers.count(math.inf), numbers.count(-math.inf))
        finite = sketch([x for x in numbers if math.isfinite(x)] or [0.0])
        return replace(finite, elements=count, finite=False, nonfinite=NonFinite(*counts))
    total, square, cube, fourth = (math.fsum(x**power for x in numbers) for power in (1, 2, 3, 4))
    absolute = math.fsum(map(abs, numbers))
    low, high = float(min(numbers)), float(max(numbers))
    return Sketch(count, total, absolute, square, cube, fourth, low, high, finite=True)


class Program:
    """Writes a recording down, operator by operator; values are named by their ids."""

    def __init__(self) -> None:
        self.operators: list[Operator] = []
        self.values: list[Value] = []
        self.numbers: list[Numbers] = []
        self.phase: Phase = "forward"
        self.module = ""

    def input(self, numbers: Numbers, dtype: str = "float32") -> int:
        return self._value(numbers, "input", None, None, dtype)

    def fresh(self, name: str, elements: int) -> int:
        """An operator that gives memory which was never written."""
        output = self._value([0.0] * elements, "operator", None, None, "float32")
        self.values[output] = replace(self.values[output], sketch=None)
        self._operator(name, [], [output], {}, movement=False)
        return output

    def parameter(self, numbers: Numbers, name: str = "weight", dtype: str = "float32") -> int:
        return self._value(numbers, "parameter", name, None, dtype)

    def op(
        self,
        name: str,
        inputs: Sequence[int],
        result: Numbers,
        dtype: str = "float32",
        **extra: str,
    ) -> int:
        """An operator with one result; ``extra`` are its scalar arguments. Returns the result."""
        return self.ops(name, inputs, [result], dtype, **extra)[0]

    def ops(
        self,
        name: str,
        inputs: Sequence[int],
        results: Sequence[Numbers],
        dtype: str = "float32",
        **extra: str,
    ) -> list[int]:
        """An operator with any number of results."""
        outputs = [self._value(numbers, "operator", None, None, dtype) for numbers in results]
        self._operator(name, inputs, outputs, extra, movement=False)
        return outputs

    def move(self, name: str, source: int, copy: bool = False) -> int:
        """An operator that only lays out anew what ``source`` holds, in memory of its own where
        it is a ``copy``."""
        moved = self.values[source]
        output = self._value(self.numbers[source], "operator", None, moved.group, moved.dtype)
        if not copy:
            self._place(output, moved.storage, moved.version)
        self._operator(name, [source], [output], {}, movement=True)
        return output

    def view(self, name: str, source: int, result: Numbers, **extra: str) -> int:
        """An operator that shows a part of the memory of ``source``."""
        output = self._value(result, "operator", None, None, self.values[source].dtype)
        self._place(output, self.values[source].storage, self.values[source].version)
        self._operator(name, [source], [output], extra, movement=False)
        return output

    def write(self, name: str, target: int, inputs: Sequence[int], result: Numbers) -> int:
        """An operator that makes ``result`` of the memory of ``target``, in place."""
        written = self.values[target]
        output = self._value(result, "operator", None, None, written.dtype)
        self._place(output, written.storage, written.version + 1)
        self._operator(name, [target, *inputs], [output], {}, movement=False)
        return output

    def write_each(
        self, name: str, targets: Sequence[int], inputs: Sequence[int], results: Sequence[Numbers]
    ) -> list[int]:
        """An operator over a list: makes each of ``results`` of the memory of one target."""
        outputs = self.ops(name, [*targets, *inputs], results)
        for output, target in zip(outputs, targets, strict=True):
            self._place(output, self.values[target].storage, self.values[target].version + 1)
        return outputs

    def draw(self, name: str, inputs: Sequence[int], result: Numbers) -> int:
        """An operator that draws random numbers."""
        output = self.op(name, inputs, result)
        self.operators[-1] = replace(self.operators[-1], random=True)
        return output

    def recording(self, *outputs: int) -> Recording:
        """What was written down, as a step that returns ``outputs``."""
        return Recording(
            operators=tuple(self.operators),
            values=tuple(self.values),
            frames=(),
            stacks=((),),
            settings={},
            outputs=outputs,
            compiled=(),
        )

    def _place(self, value: int, storage: int, version: int) -> None:
        self.values[value] = replace(self.values[value], storage=storage, version=version)

    def _value(
        self, numbers: Numbers, origin: Origin, name: str | None, group: int | None, dtype: str
    ) -> int:
        number = len(self.values)
        kinds: dict[str, ValueKind] = {"int64": "int", "bool": "bool", "complex64": "complex"}
        self.numbers.append(numbers)
        self.values.append(
            Value(
                id=number,
                group=number if group is None else group,
                shape=(len(numbers),),
                strides=(1,),
                dtype=dtype,
                kind=kinds.get(dtype, "float"),
                origin=origin,
                name=name,
                sketch=sketch(numbers) if group is None else None,
                storage=number,
                version=0,
            )
        )
        return number

    def _operator(
        self,
        name: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        arguments: dict[str, str],
        *,
        movement: bool,
    ) -> None:
        self.operators.append(
            Operator(
                id=len(self.operators),
                name=name if "::" in name else f"aten::{name}",
                inputs=tuple(inputs),
                outputs=tuple(outputs),
                arguments=arguments,
                phase=self.phase,
                module=self.module,
                stack=0,
                movement=movement,
                forward=None,
            )
        )
