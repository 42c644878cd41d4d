"""How fast the editor's side answers: ``python benchmarks/editor.py [--time-budget S] [--runs N]``.

Prints, as Markdown: the server's start to its first response; hovers on a document that changes
before each, alone and while a comparison measures; the time from the command to the first
diagnostic for each of the real cases of ``fixtures/cases``.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.lsp.session import Session, connected  # noqa: E402  (the tests are no installed package)

CASES = ROOT / "fixtures" / "cases"
SMALL = ("planted-", "held-")
HOVER_CASE = "hf-39073"
SIDES = {"a": "a.py:build", "b": "b.py:build"}


@contextmanager
def workspace(case: str) -> Iterator[Path]:
    """A copy of a case's programs, without results of earlier runs."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / case
        shutil.copytree(CASES / case, target, ignore=shutil.ignore_patterns(".magneton"))
        yield target


async def start_times_s(runs: int) -> list[float]:
    """From starting the process to the response to ``initialize``."""
    times = []
    with workspace(HOVER_CASE) as folder:
        for _ in range(runs):
            start = time.perf_counter()
            async with connected(folder):
                times.append(time.perf_counter() - start)
    return times


async def hover_times_s(session: Session, line: int, hovers: int) -> list[float]:
    """From sending a hover, just after a line was typed above its mark, to its answer."""
    times = []
    for number in range(hovers):
        session.insert("a.py", 0, 0, "\n", version=number + 2)
        start = time.perf_counter()
        hover = await session.hover("a.py", line + number + 1, 30)
        times.append(time.perf_counter() - start)
        assert hover is not None, "the mark was lost"
        await asyncio.sleep(0.005)
    return times


async def hovers_alone_and_during_a_run(
    hovers: int, budget_s: float
) -> tuple[list[float], list[float]]:
    with workspace(HOVER_CASE) as folder:
        async with connected(folder) as session:
            options = {"options": {"timeBudget": budget_s}}
            await session.job(await session.start("compare", SIDES | options), state="done")
        async with connected(folder) as session:
            (mark,) = await session.eventually(lambda: session.diagnostics("a.py"))
            line = mark.range.start.line
            session.open("a.py")
            alone = await hover_times_s(session, line, hovers)
            session.replace("a.py", (0, 0), (hovers, 0), "", version=hovers + 2)
            job = await session.start("compare", SIDES | {"options": {"timeBudget": 600}})
            await session.job(job, phase="measure")
            during = await hover_times_s(session, line, hovers)
            assert session.jobs[-1].phase == "measure", "the run was over before the hovers"
            await session.command("cancel", {"job": job})
            await session.job(job, state="cancelled")
    return alone, during


async def case_times_s(case: str, budget_s: float) -> tuple[float | None, float]:
    """From the command to the first diagnostic, None where there is none, and to the end."""
    with workspace(case) as folder:
        async with connected(folder) as session:
            start = time.perf_counter()
            options = {"options": {"timeBudget": budget_s}}
            job = await session.start("compare", SIDES | options)
            ended = asyncio.create_task(session.job(job, state="done"))
            await session.eventually(lambda: session.client.diagnostics or ended.done())
            first = time.perf_counter() - start if session.client.diagnostics else None
            await ended
            return first, time.perf_counter() - start


def milliseconds(times_s: list[float]) -> str:
    p95 = statistics.quantiles(times_s, n=20)[-1]
    return f"{1000 * statistics.median(times_s):.1f} ms | {1000 * p95:.1f} ms"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--time-budget", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--hovers", type=int, default=200)
    arguments = parser.parse_args()

    print("| | p50 | p95 |\n| --- | ---: | ---: |")
    print(
        f"| server start to first response | {milliseconds(await start_times_s(arguments.runs))} |"
    )
    alone, during = await hovers_alone_and_during_a_run(arguments.hovers, arguments.time_budget)
    print(f"| hover after an edit | {milliseconds(alone)} |")
    print(f"| the same while a comparison measures | {milliseconds(during)} |")
    print(
        f"\n| case (time budget {arguments.time_budget:g} s) | first diagnostic | end of the run |"
    )
    print("| --- | ---: | ---: |")
    names = (path.name for path in CASES.iterdir() if path.is_dir())
    for case in sorted(name for name in names if not name.startswith(SMALL)):
        first_s, end_s = await case_times_s(case, arguments.time_budget)
        first = f"{first_s:.1f} s" if first_s is not None else "none"
        print(f"| {case} | {first} | {end_s:.1f} s |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
