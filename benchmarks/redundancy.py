"""How long it takes to find repeated work: ``python benchmarks/redundancy.py``.

Every layer rebuilds a table in two operators and multiplies by it, so that two thirds of all
operators are repeated; *none* is the same with a table of its own for each layer.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from tests.analysis.recordings import Program, gauss  # noqa: E402

from magneton.analysis.redundancy import instances_of, repetitions_of  # noqa: E402
from magneton_agent.schema.recording import Recording  # noqa: E402

SIZES = (1_000, 10_000, 100_000)
REPEATS = 3


def program(operators: int, repeated: bool) -> Recording:
    """A step of so many operators, three a layer."""
    numbers, made = gauss(32, 1), Program()
    x = made.input(numbers)
    for layer in range(operators // 3):
        end = "32" if repeated else str(32 + layer)
        positions = made.op("arange", [], range(32), dtype="int64", end=end)
        x = made.op("mul", [x, made.op("cos", [positions], numbers)], numbers)
    return made.recording()


def seconds(recording: Recording) -> float:
    """CPU time of the fastest of a few searches, s."""
    found = []
    for _ in range(REPEATS):
        start = time.process_time()
        for each in repetitions_of(recording):
            instances_of(recording, each)
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    print("| operators | repeated | time | an operator |\n| ---: | --- | ---: | ---: |")
    for size in SIZES:
        for repeated in (True, False):
            taken_s = seconds(program(size, repeated))
            share = "two thirds" if repeated else "none"
            print(
                f"| {size:,} | {share} | {1e3 * taken_s:.0f} ms | {1e6 * taken_s / size:.1f} µs |"
            )


if __name__ == "__main__":
    main()
