"""Takes the trace of one side: all that a comparison would ask of it, asked beforehand."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from magneton import __version__
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Loaded

from ..assemble import now
from ..measurement import sample_alone
from ..prepare import Prepared, output_folders
from ..request import MeasureRequest, OnProgress, Progress
from ..revisions import checked_out_alone
from ..schedule import Schedule
from ..series import Series
from ..side import Taken
from ..sides import load_side
from ..unchanged import check_unchanged
from .format import Trace
from .outputs import read_index
from .store import is_trace, write_trace


async def take_trace(request: MeasureRequest, file: Path, on_progress: OnProgress) -> Trace:
    """Run side a, then time it again in a fresh process, and write all of it to ``file``.

    Cancelling ends every process of it, and leaves ``file`` as it was.

    Raises:
        MagnetonError: the target is wrong, it failed, took too long, or ``file`` could not be
            written.
    """
    if is_trace(request.a.target, Path(request.workspace)):
        raise MagnetonError(
            f"{request.a.target} is a trace already",
            "only a program can be traced",
            "name a target as path/file.py:name, package.module:name or path/script.py",
        )
    on_progress(Progress("load", 0.02, "loading the program"))
    async with AsyncExitStack() as files:
        return await _traced(await checked_out_alone(files, request), file, on_progress)


async def _traced(request: MeasureRequest, file: Path, on_progress: OnProgress) -> Trace:
    created = now()
    with output_folders() as root:
        async with AsyncExitStack() as stack:
            side = await load_side(stack, request)
            prepared, schedule = await sample_alone(side, request, on_progress, root)
            loaded, one_shot, series = side.loaded, side.one_shot, schedule.series[0]
        second = None if one_shot else await _again(request, prepared, loaded, on_progress)
        trace = Trace(
            target=request.a.target,
            created=created,
            magneton_version=__version__,
            one_shot=one_shot,
            loaded=loaded,
            checked=prepared.checks[0],
            recording=prepared.recordings[0],
            first=_taken(series, created),
            second=_taken(second, created) if second is not None else None,
            outputs=read_index(root / side.name),
        )
        write_trace(file, trace, root / side.name, side.locator)
    return trace


async def _again(
    request: MeasureRequest, prepared: Prepared, loaded: Loaded, on_progress: OnProgress
) -> Series:
    """As many blocks from a process of their own: only what both processes show will count."""
    progress = Progress("time", 0.75, "timing it in a fresh process")
    on_progress(progress)
    async with AsyncExitStack() as stack:
        side = await load_side(stack, request)
        check_unchanged(side.title, loaded.files, side.loaded.files)
        schedule = Schedule([side], prepared, request.options)
        await schedule.warm_up()
        await schedule.time_blocks(on_progress, replace(progress, fraction=0.8), 0.15)
        schedule.check_blocks()
        return schedule.series[0]


def _taken(series: Series, created: str) -> Taken:
    return Taken(
        created,
        tuple(series.samples),
        tuple(block for block in series.blocks if block),
        tuple(sorted(series.warnings)),
        series.dropped,
    )
