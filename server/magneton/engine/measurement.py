"""One program alone: where its step's energy goes, and what it does more than once."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from magneton import __version__
from magneton_agent.schema.measurement import Measurement

from ..analysis.apportioning import busy_cpus, cost_of
from ..analysis.breakdown import break_down
from . import assemble
from .needless import needless
from .prepare import Prepared, prepare
from .ranks.rows import rank_rows, rank_warnings
from .redundant import suspect
from .replaying import OperatorEnergies
from .request import MeasureRequest, OnProgress, Progress
from .revisions import checked_out_alone
from .schedule import Schedule
from .second_look import Alone, look_again_alone
from .side import Side
from .sides import load_side


async def measure(request: MeasureRequest, on_progress: OnProgress) -> Measurement:
    """Measure side a alone. Cancelling ends every process of it.

    Raises:
        MagnetonError: the target is wrong, it failed, or its worker took too long.
    """
    on_progress(Progress("load", 0.02, "loading the program"))
    async with AsyncExitStack() as files:
        return await _measured(await checked_out_alone(files, request), on_progress)


async def _measured(request: MeasureRequest, on_progress: OnProgress) -> Measurement:
    async with AsyncExitStack() as stack:
        side = await load_side(stack, request)
        prepared, schedule = await sample_alone(side, request, on_progress)
        recording, series, timing = prepared.recordings[0], schedule.series[0], schedule.timings[0]
        busy = busy_cpus([(recording, timing)])
        apportioned = cost_of(recording, side.loaded, series.samples, timing, busy)
        energies = OperatorEnergies.unknown([side], [recording])
        if energies.replayable:
            energies = await energies.measured([apportioned], [()], request.options, on_progress)
        cost = energies.cost(0, apportioned)
    sites, options = assemble.Sites.of(side, recording, prepared.checks[0]), request.options
    suspected = Alone(
        suspect("a", sites, cost, options.smallest_share),
        needless("a", sites, cost, options.smallest_share),
    )
    looked = await look_again_alone(request, prepared, suspected, on_progress)
    alone = energies.warnings(0, series.boards)
    notes = (*series.notes(), *alone, *rank_warnings([side], 0, energies))
    warnings = assemble.warnings_of(cost, (*prepared.warnings, *looked.warnings), notes)
    return Measurement(
        created=assemble.now(),
        magneton_version=__version__,
        side=assemble.side_of(
            side,
            sites,
            cost,
            assemble.NOT_COMPARED,
            warnings,
            energies.summary(0, cost),
            options.per,
            series.boards,
            series.all_ranks(cost),
        ),
        breakdown=break_down(recording.operators, sites.places(), cost),
        operators=(assemble.operator_rows(sites, cost, {}) if options.detail_operators else None),
        findings=looked.findings,
        thresholds=options.thresholds,
        per=options.per,
        ranks=rank_rows([side], [cost], energies),
    )


async def sample_alone(
    side: Side, request: MeasureRequest, on_progress: OnProgress, kept: Path | None = None
) -> tuple[Prepared, Schedule]:
    """Record and sample one loaded side; its outputs go to ``kept``, as :func:`prepare`
    has it.

    Raises:
        MagnetonError: it failed, took too long, or does not repeat its operators.
    """
    prepared = await prepare([side], on_progress, kept=kept)
    schedule = Schedule([side], prepared, request.options)
    on_progress(Progress("measure", 0.3, "measuring whole steps"))
    await schedule.sample(on_progress)
    schedule.check_blocks()
    return prepared, schedule
