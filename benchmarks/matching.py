"""How matching and cutting grow with the program: ``python benchmarks/matching.py``.

Synthetic transformers without tensors: side A writes the activation and the attention out,
side B fuses them; norms have equal weights and biases, so context has to work.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from magneton.analysis.flow import flow_of
from magneton.analysis.matching import match_flows
from magneton.analysis.regions import cut_flows
from magneton_agent.schema.recording import Operator, Origin, Recording, Sketch, Value

ELEMENTS = 4096
SIZES = (300, 1000, 3000, 10_000, 30_000)
REPEATS = 5


def normal_sketch(seed: int) -> Sketch:
    """What a tensor of normally distributed numbers would give, the same for the same seed."""
    source = random.Random(seed)
    n, scale = ELEMENTS, source.uniform(0.9, 1.1)
    moments = [source.gauss(0, 0.01), source.gauss(0.8, 0.01), 1.0, source.gauss(0, 0.05), 3.0]
    total, absolute, square, cube, fourth = (
        n * moment * scale**power for power, moment in zip((1, 1, 2, 3, 4), moments, strict=True)
    )
    low, high = -3.5 * scale * source.uniform(0.9, 1.1), 3.5 * scale * source.uniform(0.9, 1.1)
    return Sketch(n, total, absolute, square, cube, fourth, low, high, finite=True)


def constant_sketch(number: float) -> Sketch:
    """The sketch of a tensor full of zeros or ones, whose powers are all alike."""
    total = ELEMENTS * number
    return Sketch(ELEMENTS, total, total, total, total, total, low=number, high=number, finite=True)


@dataclass
class Writer:
    operators: list[Operator] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def value(self, sketch: Sketch, origin: Origin) -> int:
        number = len(self.values)
        self.values.append(
            Value(number, number, (ELEMENTS,), (1,), "float32", "float", origin, None, sketch)
        )
        return number

    def op(self, name: str, inputs: tuple[int, ...], seed: int) -> int:
        output = self.value(normal_sketch(seed), "operator")
        number = len(self.operators)
        self.operators.append(
            Operator(number, name, inputs, (output,), {}, "forward", "", 0, False, None)
        )
        return output

    def chain(self, name: str, length: int, inputs: tuple[int, ...], seed: int, own: int) -> int:
        """``length`` operators; only the last result (``seed``) exists on the other side too."""
        current = inputs
        for position in range(length - 1):
            current = (self.op(name, current, own + position),)
        return self.op(name, current, seed)

    def recording(self, output: int) -> Recording:
        return Recording(tuple(self.operators), tuple(self.values), (), ((),), {}, (output,), ())


def transformer(operators: int, written_out: bool) -> Recording:
    """A program of about ``operators`` operators where written out, two fifths fused."""
    writer = Writer()
    x = writer.value(normal_sketch(0), "input")
    layer = 0
    attention, activation = (8, 8) if written_out else (1, 1)
    while layer * 24 < operators:
        seed = 1000 * (layer + 1)
        weights = [writer.value(normal_sketch(seed + i), "parameter") for i in range(6)]
        one, zero = (writer.value(constant_sketch(c), "parameter") for c in (1.0, 0.0))
        normed = writer.op("layer_norm", (x, one, zero), seed + 10)
        q, k, v = (writer.op("mm", (normed, weights[i]), seed + 11 + i) for i in range(3))
        mixed = writer.chain("attend", attention, (q, k, v), seed + 20, seed + 500)
        x = writer.op("add", (x, writer.op("mm", (mixed, weights[3]), seed + 21)), seed + 22)
        up = writer.op("mm", (x, weights[4]), seed + 23)
        act = writer.chain("activate", activation, (up,), seed + 24, seed + 600)
        x = writer.op("mm", (act, weights[5]), seed + 25)
        layer += 1
    return writer.recording(x)


def fastest_s(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of a few runs: what the work costs on an idle machine."""
    durations = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        durations.append(time.process_time() - start)
    return min(durations)


def row(label: str, a: Recording, b: Recording, before: float | None) -> float:
    """Print one line of the table; return the microseconds an operator."""
    flow_a, flow_b = flow_of(a), flow_of(b)
    matching = match_flows(flow_a, flow_b)
    flow_s = fastest_s(lambda: (flow_of(a), flow_of(b)))
    match_s = fastest_s(lambda: match_flows(flow_a, flow_b))
    cut_s = fastest_s(lambda: cut_flows(flow_a, flow_b, matching))
    operators = len(a.operators) + len(b.operators)
    each_us = (flow_s + match_s + cut_s) / operators * 1e6
    ratio = f"{each_us / before:.2f}" if before else "-"
    print(
        f"{label:9} {len(a.operators):>7} {len(b.operators):>7} {len(matching.pairs):>7}"
        f" {flow_s * 1e3:>8.1f} {match_s * 1e3:>9.1f} {cut_s * 1e3:>8.1f}"
        f" {each_us:>12.1f} {ratio:>10}"
    )
    return each_us


def main() -> None:
    print("programs  ops in A ops in B   pairs  flow/ms  match/ms   cut/ms  us/operator  to before")
    for label, written_out in (("itself", True), ("fused", False)):
        before: float | None = None
        for size in SIZES:
            a, b = transformer(size, True), transformer(size, written_out)
            before = row(label, a, b, before)


if __name__ == "__main__":
    main()
