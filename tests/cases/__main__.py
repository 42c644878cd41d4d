"""``python -m tests.cases [CASE...]``: every case in every variation, as a table.

The small cases (planted, held out, equal pairs) are run as they are, unless ``--every-form`` is
given. Exits with 1 where one is not as expected, those held out apart: they are a score. A cause
that is wrong and confirmed counts in these too.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .judge import Outcome, judge
from .run import timed
from .timing import Diagnosed, summary
from .variants import CASES, EQUAL, HELD_OUT, PLANTED, Variant, variants

_EQUAL_RUNS = 10
_TIME_BUDGET_S = 10.0
_SMALL = (PLANTED, HELD_OUT, EQUAL)
_COLUMNS = (
    "case",
    "seconds",
    "of them diagnosis",
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
    done: list[Done] = []
    with tempfile.TemporaryDirectory(prefix="magneton-cases-") as folder:
        for case in arguments.cases:
            for variant in _repeated(case, Path(folder), arguments.every_form):
                done.append(_done(variant, _budget_s(case, arguments.time_budget), flags))
                print(_line(done[-1]), flush=True)
    print("\n".join(totals(done)))
    return status(done)


@dataclass(frozen=True)
class Done:
    """One run of one variant."""

    variant: Variant
    outcome: Outcome
    duration_s: float
    diagnosis_s: float | None

    @property
    def name(self) -> str:
        case, kind = self.variant.case, self.variant.kind
        return case if kind == "plain" else f"{case}, {kind}"


def totals(done: Sequence[Done]) -> Iterator[str]:
    """What is said below the table."""
    failed = [each.variant.case for each in done if each.outcome.problems]
    for kind in (PLANTED, HELD_OUT, EQUAL):
        chosen = {each.variant.case for each in done if each.variant.case.startswith(kind)}
        right = len(chosen - set(failed))
        named = {each.variant.case for each in done if each.outcome.named} & chosen
        by_line = f", {len(named)} by variable and line" if kind != EQUAL else ""
        yield f"{kind.removesuffix('-')}: {right} of {len(chosen)} as expected{by_line}"
    yield summary([Diagnosed(each.name, each.diagnosis_s) for each in done])
    wrong = [each.name for each in done if each.outcome.wrong]
    yield f"wrong and confirmed: {', '.join(wrong) or 'none'}"
    yield f"{len(failed)} not as expected" if failed else "all as expected"


def status(done: Sequence[Done]) -> int:
    """The exit status."""
    return int(
        any(
            each.outcome.wrong
            or (each.outcome.problems and not each.variant.case.startswith(HELD_OUT))
            for each in done
        )
    )


def _done(variant: Variant, budget_s: float, flags: Sequence[str]) -> Done:
    started_s = time.monotonic()
    run = timed(variant, budget_s, flags)
    took_s = time.monotonic() - started_s
    return Done(variant, judge(variant, run.result), took_s, run.diagnosis_s)


def _repeated(case: str, folder: Path, every_form: bool) -> Iterator[Variant]:
    """The variants; one of the pairs in which nothing may be found is run ten times as it is."""
    first = 1 if case.startswith(_SMALL) and not every_form else None
    for variant in itertools.islice(variants(case, folder), first):
        runs = _EQUAL_RUNS if variant.kind == "plain" and case == "equal" else 1
        yield from [variant] * runs


def _budget_s(case: str, given_s: float) -> float:
    """Small cases are clear: half the time is enough."""
    return given_s / 2 if case.startswith(_SMALL) else given_s


def _line(done: Done) -> str:
    outcome = done.outcome
    diagnosis = f"{done.diagnosis_s:.0f}" if done.diagnosis_s is not None else ""
    return " | ".join(
        (
            done.name,
            f"{done.duration_s:.0f}",
            diagnosis,
            outcome.verdict,
            outcome.saving,
            outcome.cause,
            outcome.range,
            outcome.fix,
            "yes" if not outcome.problems else "NO: " + "; ".join(outcome.problems),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
