"""Progress on standard error: a bar on a terminal, else one plain line a phase, and one for each
thing that is tried."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from magneton.engine.request import OnProgress, PhaseName, Progress
from magneton.report.printable import printable


@contextlib.contextmanager
def shown(stream: TextIO) -> Iterator[OnProgress]:
    """A function that shows each step of progress on ``stream`` while the context is open."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield _line_printer(stream)
        return
    bar = Bar(
        TextColumn("{task.fields[phase]:<8}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(file=stream),
        refresh_per_second=2,  # drawing takes CPU time beside what is measured
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=1.0, phase="load")
        yield lambda progress: bar.update(
            task,
            completed=progress.fraction,
            description=printable(progress.message),
            phase=progress.phase,
        )


def _line_printer(stream: TextIO) -> OnProgress:
    last: tuple[PhaseName, str] | None = None

    def show(progress: Progress) -> None:
        nonlocal last
        # Only the diagnosis takes minutes over things that have names.
        told = progress.phase, progress.message if progress.phase == "diagnose" else ""
        if told != last:
            print(f"{progress.phase}: {printable(progress.message)}", file=stream, flush=True)
            last = told

    return show
