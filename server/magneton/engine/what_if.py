"""One program under the knobs that it does not set: what each would save, and at what price."""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.knobs import Knob, KnobEffect
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Absent, Figure, Quantity, Source
from magneton_agent.schema.result import Outputs
from magneton_agent.schema.what_if import WHAT_IF_SCHEMA, KnobRow, WhatIf

from ..analysis.applicable import applicable
from ..analysis.knobs import class_of, point, saved
from ..analysis.pareto import front
from ..analysis.statistics import CONFIDENCE, Interval, part_of
from ..source import targets
from .change import Change
from .measurement import measure
from .request import MeasureRequest, OnProgress, Progress, WhatIfRequest
from .revisions import checked_out_alone
from .sides import traces_of
from .trial import Trial, Trials, Untried

_MEASURING = 0.4  # of the job; the rest is trying
_FIRST = 0.7  # of the trying: the first look
_UNCHANGED = (1.0, 1.0, 0.0)
# Of measuring a knob, at most: what settings save is a few per cent, and loading takes as long. The
# windows of a board's sensor are six times as long as others.
_MOST_S, _MOST_ON_A_GPU_S = 10.0, 60.0


@dataclass(frozen=True)
class Candidate:
    """A knob to try. ``units`` is how many of what ``--per`` names a step does with it, relative to
    the step as it is; None where it does the same work."""

    name: str
    advice: str
    effect: KnobEffect | None
    change: Change
    units: float | None = None


@dataclass(frozen=True)
class _Tried:
    candidate: Candidate
    outcome: Trial | Untried


async def what_if(request: WhatIfRequest, on_progress: OnProgress) -> WhatIf:
    """Measure the program as it is, then under each knob that can apply. Cancelling ends every
    process of it.

    Raises:
        MagnetonError: it cannot be run, or fails as it is.
    """
    declared = tuple(knob.name for knob in request.knobs)
    alone = MeasureRequest(request.workspace, request.a, request.options, declared)
    _check(request, alone)
    measurement = await measure(alone, _first_part(on_progress))
    async with AsyncExitStack() as files:
        side = (await checked_out_alone(files, alone)).a
        request = dataclasses.replace(request, a=side)
        most_s = _MOST_S if measurement.side.device == "cpu" else _MOST_ON_A_GPU_S
        own = (request.a, request.workspace, request.options)

        def trials() -> Trials:
            return Trials("a", *own, alone=True, files=measurement.side.files, most_s=most_s)

        tried = await _tried(request, trials, on_progress)
    return _result(measurement, tried)


def _check(request: WhatIfRequest, alone: MeasureRequest) -> None:
    """Refuse what can never be tried, before anything is loaded."""
    if traces_of(alone):
        raise MagnetonError(
            f"{request.a.target} cannot be tried under other settings",
            "it is a trace: a run that is over",
            "name the program that it was taken of",
        )
    if request.knobs and targets.parse(request.a.target).name is None:
        raise MagnetonError(
            f"{request.a.target} has no parameter {request.knobs[0].name!r}",
            "a knob that is declared is a parameter of a function, and this target is a script",
            "name a function that takes it, as path/file.py:name",
        )
    _check_counts(request)


def _check_counts(request: WhatIfRequest) -> None:
    """Refuse values of what ``--per`` counts that nothing can be divided by."""
    per = request.options.per
    for knob in request.knobs:
        for text in knob.values:
            if per is None or per.unit != knob.name or _counted(text) is not None:
                continue
            raise MagnetonError(
                f"{knob.name}={text} cannot be tried",
                f"--per says that {knob.name} counts what a step does, and {text} of it is no "
                "finite number above 0",
                f"leave that value out, or name in --per something else than {knob.name}",
            )


def _counted(text: str) -> float | None:
    """The amount of work that a literal stands for; None where it stands for none."""
    value = ast.literal_eval(text)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 < value < math.inf else None


def _first_part(on_progress: OnProgress) -> OnProgress:
    return lambda progress: on_progress(
        dataclasses.replace(progress, fraction=_MEASURING * progress.fraction)
    )


async def _tried(
    request: WhatIfRequest, begin: Callable[[], Trials], on_progress: OnProgress
) -> list[_Tried]:
    """Every candidate once; those that seem to save once more, in processes that nothing was
    chosen by."""
    on_progress(Progress("diagnose", _MEASURING, "loading the program again"))
    async with begin() as trials:
        loaded, recording = await trials.unchanged()
        candidates = [*_known(applicable(recording, loaded)), *_declared(request)]
        looks = _Looks(len(candidates), on_progress)
        first = await looks.take(trials, candidates, "", 0.0)
    seeming = [each.candidate for each in first if _seems_to_save(each)]
    async with begin() as trials:
        again = iter(await looks.take(trials, seeming, " again", _FIRST))
    return [next(again) if _seems_to_save(each) else each for each in first]


def _seems_to_save(tried: _Tried) -> bool:
    outcome = tried.outcome
    return isinstance(outcome, Trial) and _ratios(tried.candidate, outcome)[0].low > 1


@dataclass(frozen=True)
class _Looks:
    """Looks at ``count`` candidates: intervals hold for all at once (Bonferroni)."""

    count: int
    on_progress: OnProgress

    async def take(
        self, trials: Trials, candidates: Sequence[Candidate], more: str, start: float
    ) -> list[_Tried]:
        """Try ``candidates``, reported from ``start`` of the trying on."""
        found = []
        confidence = 1 - (1 - CONFIDENCE) / max(1, self.count)
        for number, candidate in enumerate(candidates):
            width = (_FIRST if start == 0 else 1 - _FIRST) / self.count
            fraction = _MEASURING + (1 - _MEASURING) * (start + width * number)
            told = f"trying{more} {number + 1} of {len(candidates)}: {candidate.name}"
            self.on_progress(Progress("diagnose", fraction, told))
            outcome = await trials.try_change(candidate.change, confidence=confidence)
            found.append(_Tried(candidate, outcome))
        return found


def _known(knobs: Sequence[Knob]) -> Iterator[Candidate]:
    for knob in knobs:
        change = Change(knob.settings, conversion=knob.conversion)
        yield Candidate(knob.name, knob.advice, knob.effect, change)


def _declared(request: WhatIfRequest) -> Iterator[Candidate]:
    per = request.options.per
    for knob in request.knobs:
        for text in knob.values:
            counted = _counted(text) if per is not None and per.unit == knob.name else None
            units = counted / per.count if per is not None and counted is not None else None
            name = f"{knob.name}={text}"  # as it is written: n=1 is not n='1'
            yield Candidate(name, name, None, Change(parameters={knob.name: text}), units)


def _ratios(candidate: Candidate, trial: Trial) -> tuple[Interval, Interval]:
    """Energy and time without the knob over those with it; each of a unit where units are told."""
    units = candidate.units or 1.0
    energy, time = (
        Interval(each.value * units, each.low * units, each.high * units)
        for each in (trial.energy_ratio, trial.time_ratio)
    )
    return energy, time


def _outputs(candidate: Candidate, trial: Trial) -> Outputs | None:
    """None of another amount of work: they cannot be compared."""
    return trial.outputs if candidate.units is None else None


def _result(measurement: Measurement, tried: Sequence[_Tried]) -> WhatIf:
    points = [
        point(*_ratios(each.candidate, each.outcome), _outputs(each.candidate, each.outcome))
        for each in tried
        if isinstance(each.outcome, Trial)
    ]
    on_front = front([_UNCHANGED, *points])
    remaining = iter(on_front[1:])
    rows = [
        _row(each.candidate, each.outcome, measurement, next(remaining))
        if isinstance(each.outcome, Trial)
        else _untried(each.candidate, each.outcome)
        for each in tried
    ]
    fields = {
        each.name: getattr(measurement, each.name) for each in dataclasses.fields(measurement)
    }
    fields |= {"schema": WHAT_IF_SCHEMA}
    return WhatIf(**fields, knobs=tuple(sorted(rows, key=_rank)), front=on_front[0])


def _row(candidate: Candidate, trial: Trial, measurement: Measurement, on_front: bool) -> KnobRow:
    energy, time = _ratios(candidate, trial)
    energy_j, thresholds = measurement.side.energy_j, trial.options.thresholds
    source = trial.costs[1].energy_j.source
    return KnobRow(
        name=candidate.name,
        advice=candidate.advice,
        effect=candidate.effect,
        class_=class_of(energy, time, _outputs(candidate, trial), thresholds.region),
        saving_j=_saving(energy_j, saved(energy), source),
        saving_ratio=saved(energy).quantity(source),
        energy_j=_left(energy_j, saved(energy)),
        duration_s=_left(measurement.side.duration_s, saved(time)),
        outputs=_outputs(candidate, trial) or Outputs("none", None, None),
        front=on_front,
    )


def _saving(energy_j: Figure, share: Interval, source: Source) -> Figure:
    if isinstance(energy_j, Absent):
        return energy_j
    return part_of(share, energy_j).quantity(source)


def _left(figure: Figure, share: Interval) -> Figure:
    """What of ``figure`` is left where ``share`` of it is saved: the pair of processes that were
    tried side by side says how much, not one process against another of some time before."""
    if isinstance(figure, Absent):
        return figure
    left = Interval(1 - share.value, 1 - share.high, 1 - share.low)
    return part_of(left, figure).bounded().quantity(figure.source)


def _untried(candidate: Candidate, outcome: Untried) -> KnobRow:
    absent = Absent("it was not tried")
    return KnobRow(
        name=candidate.name,
        advice=candidate.advice,
        effect=candidate.effect,
        class_="untried",
        saving_j=absent,
        saving_ratio=absent,
        energy_j=absent,
        duration_s=absent,
        outputs=None,
        front=False,
        reason=outcome.reason,
    )


def _rank(row: KnobRow) -> tuple[int, float]:
    order = ("saving", "trade-off", "none", "costlier", "untried")
    saved = row.saving_ratio.value if isinstance(row.saving_ratio, Quantity) else 0.0
    return order.index(row.class_), -saved
