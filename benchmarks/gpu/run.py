"""Runs every pair of ``pairs.py`` through ``magneton compare`` on a GPU and prints a table.

``python benchmarks/gpu/run.py [PAIR...]``; results go to ``$OUT`` where it is set.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from magneton.engine.store import load_result
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison

HERE = Path(__file__).parent
PAIRS = ("gelu", "linear", "eigenvalues", "gpt2", "equal")


def main() -> None:
    folder = Path(os.environ.get("OUT", "."))
    print("pair | verdict | a | b | a / b | time a / b | cause | wall")
    for pair in sys.argv[1:] or PAIRS:
        file = folder / f"{pair}.json"
        command = [sys.executable, "-m", "magneton.cli.main", "compare"]
        command += [f"pairs.py:{pair}_a", f"pairs.py:{pair}_b", "--json", str(file)]
        command += ["--time-budget", "40"]
        start = time.monotonic()
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{pair} | exit {done.returncode}\n{done.stdout}{done.stderr}", flush=True)
            continue
        print(_line(pair, load_result(file), time.monotonic() - start), flush=True)


def _line(pair: str, result: object, wall_s: float) -> str:
    if not isinstance(result, Comparison):
        return f"{pair} | no comparison"
    a, b = result.sides.a, result.sides.b
    causes = "; ".join(each.cause.name for each in result.findings if each.cause is not None)
    return " | ".join(
        (
            pair,
            result.verdict,
            _figure(a.energy_j),
            _figure(b.energy_j),
            f"{_ratio(a.energy_j, b.energy_j):.2f}",
            f"{_ratio(a.duration_s, b.duration_s):.2f}",
            causes,
            f"{wall_s:.0f} s",
        )
    )


def _figure(figure: object) -> str:
    if not isinstance(figure, Quantity):
        return str(figure)
    return f"{figure.value:.4g} J ({figure.low:.4g} to {figure.high:.4g}) {figure.source}"


def _ratio(a: object, b: object) -> float:
    return a.value / b.value if isinstance(a, Quantity) and isinstance(b, Quantity) else 0.0


if __name__ == "__main__":
    main()
