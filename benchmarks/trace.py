"""How large trace files are and how fast they load: ``python benchmarks/trace.py [OPERATORS…]``.

Synthetic training steps: every operator has a stack of its own layer, arguments, two inputs, a new
value with a sketch, and times from 16 steps in each of two processes. Nothing is kept in memory
between the sizes. Ends with 1 if 100,000 operators take 2 s or longer to load.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from magneton.engine.side import Taken
from magneton.engine.trace.format import Trace
from magneton.engine.trace.store import read_trace, write_trace
from magneton.source.positions import Locator
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Checked, Loaded, Sample, StepTiming
from magneton_agent.schema.recording import Operator, Recording, Sketch, Value

T = TypeVar("T")
SIZES = (1_000, 10_000, 100_000)
BLOCKS, LAYER, DEPTH, REPEATS = 16, 50, 12, 5
AIM_OPERATORS, AIM_S = 100_000, 2.0
NAMES = [f"aten::operator_{number}" for number in range(40)]


def sketch(source: random.Random) -> Sketch:
    """Sums as a tensor gives them: 15 digits that do not compress."""
    total, absolute, square, cube, fourth, low, high = (source.gauss(0.0, 1.0) for _ in range(7))
    return Sketch(4096, total, absolute, square, cube, fourth, low, high, finite=True)


def recording(operators: int) -> Recording:
    """A step of that many operators in layers of 50, each of which has its own lines."""
    source = random.Random(0)
    layers = operators // LAYER + 1
    frames = [
        Frame(f"/w/model_{number % 20}.py", f"Layer.forward_{number}", 1, line, 8, line, 40)
        for number, line in enumerate(range(1, layers + DEPTH))
    ]
    return Recording(
        operators=tuple(operator(number, source) for number in range(operators)),
        values=tuple(value(number, source) for number in range(operators + 1)),
        frames=tuple(frames),
        stacks=tuple(tuple(range(layer, layer + DEPTH)) for layer in range(layers)),
        settings={"torch.get_num_threads()": "2"},
        outputs=(operators,),
        compiled=(),
    )


def operator(number: int, source: random.Random) -> Operator:
    layer = number // LAYER
    return Operator(
        id=number,
        name=NAMES[number % len(NAMES)],
        inputs=(number, source.randrange(number + 1)),
        outputs=(number + 1,),
        arguments={"dim": str(source.randrange(-2, 2)), "alpha": "1"},
        phase="forward",
        module=f"model.layers.{layer}",
        stack=layer,
        movement=number % 3 == 0,
        forward=None,
    )


def value(number: int, source: random.Random) -> Value:
    shape = (8, 2 ** source.randrange(12), 64)
    strides = (shape[1] * 64, 64, 1)
    return Value(
        number, number, shape, strides, "float32", "float", "operator", None, sketch(source),
        storage=number, version=0,
    )  # fmt: skip


def trace(operators: int) -> Trace:
    """A trace of such a step, 16 blocks of one timed step in each of two processes."""
    source = random.Random(1)
    first, second = (taken(operators, source) for _ in range(2))
    return Trace(
        target="train.py:build",
        created="2025-01-02T03:04:05+00:00",
        magneton_version="0",
        one_shot=False,
        loaded=loaded(),
        checked=Checked("none", (), 0, (), (), 1.0),
        recording=recording(operators),
        first=first,
        second=second,
        outputs=(),
    )


def taken(operators: int, source: random.Random) -> Taken:
    samples = tuple(Sample(1, source.random(), source.random(), None) for _ in range(BLOCKS))
    blocks = tuple((timing(operators, source),) for _ in range(BLOCKS))
    return Taken("2025-01-02T03:04:05+00:00", samples, blocks, (), 0)


def timing(operators: int, source: random.Random) -> StepTiming:
    durations, cpu = (tuple(source.random() for _ in range(operators)) for _ in range(2))
    return StepTiming(durations, cpu, source.random(), source.random())


def loaded() -> Loaded:
    return Loaded(
        python="3.11.9", torch="2.13.0", device="cpu", cpu="", gpu=None, driver=None, clocks=None,
        threads=2, cpus=2, packages={}, settings={}, meter="model", meter_absent=None,
        idle_power_w=None, mode_overhead_s=0.0, files={}, parameters=(), warnings=(),
    )  # fmt: skip


def fastest(work: Callable[[], T]) -> tuple[float, float]:
    """Wall and CPU seconds of the fastest of a few runs."""
    found = []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in found), min(cpu for _, cpu in found)


def row(operators: int, folder: Path) -> float:
    """Print one line of the table; returns the wall seconds that loading took."""
    file, made = folder / f"{operators}.magneton-trace", trace(operators)
    locator = Locator(Path("/w"))
    write_s, _ = fastest(lambda: write_trace(file, made, folder, locator))
    load_s, load_cpu_s = fastest(lambda: read_trace(file, Path("/w")))
    size = file.stat().st_size
    print(
        f"{operators:>9} {size / 1e6:>8.2f} {size / operators:>10.0f} {write_s * 1e3:>9.0f}"
        f" {load_s * 1e3:>8.0f} {load_cpu_s * 1e3:>8.0f} {load_s / operators * 1e6:>12.1f}"
    )
    return load_s


def main() -> int:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    print("operators  size/MB  B/operator  write/ms  load/ms   cpu/ms  us/operator")
    met = True
    with tempfile.TemporaryDirectory() as folder:
        for operators in sizes:
            load_s = row(operators, Path(folder))
            met &= operators > AIM_OPERATORS or load_s < AIM_S
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
