"""``python -m tests.cases [CASE...]``: every case in every variation, as a table.

The planted cases and those held out are run as they are, unless ``--every-form`` is given. Exits
with 1 where one is not as expected, of those held out apart: they are a score.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .judge import Outcome, judge
from .run import compare
from .variants import CASES, HELD_OUT, PLANTED, Variant, variants

_EQUAL_RUNS = 10
_TIME_BUDGET_S = 10.0
_SMALL = (PLANTED, HELD_OUT)
_COLUMNS = (
    "case",
    "seconds",
    "verdict",
    "saving of the step",
    "cause",
    "range",
    "fix",
    "as expected",
)


def main() -> int:
    """Run the named cases, or all."""
    parser = argparse.ArgumentParser(prog="cases", description=__doc__)
    every = sorted(path.name for path in CASES.iterdir())
    parser.add_argument("cases", nargs="*", default=every, metavar="CASE", help=", ".join(every))
    parser.add_argument("--time-budget", type=float, default=_TIME_BUDGET_S, metavar="SECONDS")
    parser.add_argument("--every-form", action="store_true", help="of the small cases too")
    parser.add_argument("--fix", action="store_true", help="try fixes too")
    arguments = parser.parse_args()
    flags = ("--fix",) if arguments.fix else ()
    print(" | ".join(_COLUMNS), flush=True)
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="magneton-cases-") as folder:
        for case in arguments.cases:
            for variant in _repeated(case, Path(folder), arguments.every_form):
                started = time.monotonic()
                budget_s = _budget_s(case, arguments.time_budget)
                outcome = judge(variant, compare(variant, budget_s, flags))
                failed += [case] if outcome.problems else []
                print(_line(variant, outcome, time.monotonic() - started), flush=True)
    for kind in (PLANTED, HELD_OUT):
        chosen = {case for case in arguments.cases if case.startswith(kind)}
        right = len(chosen - set(failed))
        print(f"{kind.removesuffix('-')}: {right} of {len(chosen)} as expected")
    print(f"{len(failed)} not as expected" if failed else "all as expected")
    return 1 if any(not case.startswith(HELD_OUT) for case in failed) else 0


def _repeated(case: str, folder: Path, every_form: bool) -> Iterator[Variant]:
    """The variants; a case in which nothing may be found is run ten times as it is."""
    first = 1 if case.startswith(_SMALL) and not every_form else None
    for variant in itertools.islice(variants(case, folder), first):
        runs = _EQUAL_RUNS if variant.kind == "plain" and case == "equal" else 1
        yield from [variant] * runs


def _budget_s(case: str, given_s: float) -> float:
    """Small cases are clear: half the time is enough."""
    return given_s / 2 if case.startswith(_SMALL) else given_s


def _line(variant: Variant, outcome: Outcome, duration_s: float) -> str:
    expected = "yes" if not outcome.problems else "NO: " + "; ".join(outcome.problems)
    name = variant.case if variant.kind == "plain" else f"{variant.case}, {variant.kind}"
    return " | ".join(
        (
            name,
            f"{duration_s:.0f}",
            outcome.verdict,
            outcome.saving,
            outcome.cause,
            outcome.range,
            outcome.fix,
            expected,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
