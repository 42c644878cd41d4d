"""How matching and cutting grow with the program.

A real layer of Llama, recorded, is repeated: every copy holds values of its own, except for what
is constant (norm weights) or shared by the layers (masks, rotary tables), so context has to work.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton.engine import collector
from magneton_agent.schema.recording import Operator, Recording, Sketch, Value

from .pairs.plain import Size
from .pairs.transformer import inference_pair
from .running import fastest
from .truth import known

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
AIM_S, AIM_SLOPE = 3.0, 1.2
_LAYER = 1  # of three: neither the first, which reads the embedding, nor the last


@dataclass(frozen=True)
class Growth:
    """CPU seconds, flow and matching and cutting, by operators of A; ``slope`` of log over log."""

    label: str
    rows: tuple[tuple[int, int, float], ...]

    @property
    def slope(self) -> float:
        points = [(math.log(a), math.log(taken_s)) for a, _, taken_s in self.rows]
        mean_x, mean_y = (statistics.fmean(each) for each in zip(*points, strict=True))
        along = math.fsum((x - mean_x) * (y - mean_y) for x, y in points)
        return along / math.fsum((x - mean_x) ** 2 for x, _ in points)

    @property
    def met(self) -> bool:
        return self.slope <= AIM_SLOPE and self.rows[-1][2] <= AIM_S


def growths() -> Iterator[Growth]:
    """Written out against itself and against the fused one, which is as deep."""
    theirs, ours = (known(program).recording for program in inference_pair("llama", Size(3)))
    for label, a, b in (("itself", theirs, theirs), ("fused", theirs, ours)):
        each = len(_layer(a))
        rows = tuple(_row(a, b, size // each) for size in SIZES)
        yield Growth(label, rows)


def _row(a: Recording, b: Recording, layers: int) -> tuple[int, int, float]:
    deep_a, deep_b = repeated(a, layers), repeated(b, layers)
    repeats = 1 if layers > 300 else 3
    gc.collect()
    taken_s, _ = fastest(lambda: _matched(deep_a, deep_b), repeats)
    return len(deep_a.operators), len(deep_b.operators), taken_s


def _matched(a: Recording, b: Recording) -> None:
    with collector.paused():  # as a comparison does
        flow_a, flow_b = flow_of(a), flow_of(b)
        cut_flows(flow_a, flow_b, match_flows(flow_a, flow_b))


def repeated(recording: Recording, layers: int) -> Recording:
    """``recording`` up to its middle layer, and that one ``layers`` times."""
    layer = _layer(recording)
    own = _own_values(recording, layer)
    result = _results(recording, layer)[-1]
    entry = layer[0].inputs[0]
    operators = list(recording.operators[: layer[0].id])
    values = list(recording.values)
    names = {value: value for value in range(len(values))}
    for copy in range(layers):
        scale = random.Random(copy).uniform(0.5, 2.0)
        before = names[result]
        names |= {value: len(values) + place for place, value in enumerate(own)}
        memory = (copy + 1) * len(recording.values)
        values += [_copied(recording.values[value], names, scale, memory) for value in own]
        inner = names | ({entry: before} if copy else {})
        operators += [_moved(o, len(operators) + i, inner) for i, o in enumerate(layer)]
    return replace(
        recording, operators=tuple(operators), values=tuple(values), outputs=(names[result],)
    )


def _layer(recording: Recording) -> list[Operator]:
    return [o for o in recording.operators if str(_LAYER) in o.module.split(".")]


def _own_values(recording: Recording, layer: list[Operator]) -> list[int]:
    """What the layer makes, and its parameters, ascending."""
    made = set(_results(recording, layer))
    number = str(_LAYER)
    read = (recording.values[v] for o in layer for v in o.inputs)
    weights = {v.id for v in read if v.name is not None and number in v.name.split(".")}
    return sorted(made | weights)


def _results(recording: Recording, layer: list[Operator]) -> list[int]:
    return [value for operator in layer for value in operator.outputs]


def _copied(value: Value, names: dict[int, int], scale: float, memory: int) -> Value:
    """``value`` times ``scale``, in memory of its own: ``memory`` is added to its number."""
    return replace(
        value,
        id=names[value.id],
        group=names[value.group],
        sketch=None if value.sketch is None else _scaled(value.sketch, scale),
        storage=value.storage + memory,
    )


def _scaled(sketch: Sketch, scale: float) -> Sketch:
    """The sketch of the same elements times ``scale``; of constants, of the same elements."""
    if sketch.low == sketch.high or not sketch.finite:
        return sketch
    return replace(
        sketch,
        total=sketch.total * scale,
        absolute=sketch.absolute * scale,
        square=sketch.square * scale**2,
        cube=sketch.cube * scale**3,
        fourth=sketch.fourth * scale**4,
        low=sketch.low * scale,
        high=sketch.high * scale,
    )


def _moved(operator: Operator, number: int, names: dict[int, int]) -> Operator:
    return replace(
        operator,
        id=number,
        inputs=tuple(names[value] for value in operator.inputs),
        outputs=tuple(names[value] for value in operator.outputs),
    )
