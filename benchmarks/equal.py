"""Programs against themselves, in real runs: ``python benchmarks/equal.py [TARGET…] [--runs N]``.

Both sides are the same target, loaded in processes of their own and compared as any two programs
are. Ends with status 1 where fewer than 19 of 20 runs come out *equal*, or one has a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from magneton.engine.comparison import compare  # noqa: E402
from magneton.engine.request import CompareRequest, Options, SideRequest  # noqa: E402
from magneton_agent.schema.quantity import Figure, Quantity  # noqa: E402
from magneton_agent.schema.result import Comparison  # noqa: E402

TARGETS = ("fixtures/cases/equal/a.py:build", "fixtures/cases/hf-39073/a.py:build")
RUNS, TIME_BUDGET_S = 20, 30.0
SHARE = 0.95


@dataclass(frozen=True)
class Tally:
    """What the runs of one target came to."""

    runs: int
    equal: int
    findings: int

    @property
    def good(self) -> bool:
        return self.equal >= SHARE * self.runs and not self.findings


def against_itself(target: str, time_budget_s: float, device: str) -> Comparison:
    """One comparison of ``target`` with itself."""
    side = SideRequest(target, sys.executable)
    options = Options(time_budget_s=time_budget_s, device=device)
    request = CompareRequest(str(ROOT), side, side, options)
    return asyncio.run(compare(request, lambda progress: None))


def ratio(a: Figure, b: Figure) -> str:
    """a / b, in three digits."""
    if not isinstance(a, Quantity) or not isinstance(b, Quantity) or not b.value:
        return "-"
    return f"{a.value / b.value:.3f}"


def row(target: str, number: int, result: Comparison, wall_s: float) -> str:
    a, b = result.sides.a, result.sides.b
    resolvable = getattr(result.resolvable, "share", None)
    return " | ".join(
        (
            f"{target} {number + 1}",
            *(result.verdict, str(len(result.findings))),
            *(ratio(a.energy_j, b.energy_j), ratio(a.duration_s, b.duration_s)),
            "-" if resolvable is None else f"{resolvable:.1%}",
            f"{wall_s:.0f} s",
        )
    )


def tally(target: str, runs: int, time_budget_s: float, device: str) -> Tally:
    """Run ``target`` against itself ``runs`` times, printing a row for each."""
    equal = findings = 0
    for number in range(runs):
        start = time.monotonic()
        result = against_itself(target, time_budget_s, device)
        equal += result.verdict == "equal"
        findings += len(result.findings)
        print(row(target, number, result, time.monotonic() - start), flush=True)
    return Tally(runs, equal, findings)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=TARGETS, metavar="TARGET")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N")
    parser.add_argument("--time-budget", type=float, default=TIME_BUDGET_S, metavar="SECONDS")
    parser.add_argument("--device", default="cpu", metavar="auto|cpu|cuda:N")
    arguments = parser.parse_args()
    print("run | verdict | findings | energy a / b | time a / b | resolvable | wall time")
    good = True
    for target in arguments.targets:
        found = tally(target, arguments.runs, arguments.time_budget, arguments.device)
        print(f"{target}: {found.equal} of {found.runs} equal, {found.findings} findings")
        good = good and found.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
