"""``python -m tests.cases [CASE...]``: every case in every variation, as a table.

Exits with 1 where one is not as expected.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .judge import Outcome, judge
from .run import compare
from .variants import CASES, Variant, variants

_EQUAL_RUNS = 10
_TIME_BUDGET_S = 10.0
_COLUMNS = ("case", "verdict", "saving of the step", "cause", "range", "as expected")


def main() -> int:
    """Run the named cases, or all."""
    parser = argparse.ArgumentParser(prog="cases", description=__doc__)
    every = sorted(path.name for path in CASES.iterdir())
    parser.add_argument("cases", nargs="*", default=every, metavar="CASE", help=", ".join(every))
    parser.add_argument("--time-budget", type=float, default=_TIME_BUDGET_S, metavar="SECONDS")
    arguments = parser.parse_args()
    print(" | ".join(_COLUMNS), flush=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="magneton-cases-") as folder:
        for case in arguments.cases:
            for variant in _repeated(case, Path(folder)):
                outcome = judge(variant, compare(variant, arguments.time_budget))
                failed += bool(outcome.problems)
                print(_line(variant, outcome), flush=True)
    print(f"{failed} not as expected" if failed else "all as expected")
    return 1 if failed else 0


def _repeated(case: str, folder: Path) -> Iterator[Variant]:
    """The variants; a case in which nothing may be found is run ten times as it is."""
    for variant in variants(case, folder):
        runs = _EQUAL_RUNS if variant.kind == "plain" and case == "equal" else 1
        yield from [variant] * runs


def _line(variant: Variant, outcome: Outcome) -> str:
    expected = "yes" if not outcome.problems else "NO: " + "; ".join(outcome.problems)
    name = variant.case if variant.kind == "plain" else f"{variant.case}, {variant.kind}"
    return " | ".join(
        (name, outcome.verdict, outcome.saving, outcome.cause, outcome.range, expected)
    )


if __name__ == "__main__":
    sys.exit(main())
