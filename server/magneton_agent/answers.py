"""How each request is answered once the program is loaded."""

from __future__ import annotations

from dataclasses import replace

import torch

from .checking import check
from .exercise import kernel, served
from .kernels import profiled, with_kernels
from .libraries import imported_libraries
from .marker import mark
from .masks import MaskedStep
from .measuring import measure, synchronise
from .meters.sensors import Sensors
from .outputs import names_in
from .probe import probe
from .reach import reachable_tensors
from .recall import Recaller
from .recorder import parameter_sketches, record
from .replay.calls import Bench
from .replay.replaying import replay
from .replay.varying import vary
from .schema.messages import (
    Check,
    Checked,
    Exercise,
    Failure,
    FindSetting,
    Imported,
    Inspect,
    Libraries,
    Mark,
    Marked,
    Masks,
    Measure,
    Measured,
    Probe,
    Record,
    Replay,
    Replayed,
    Reply,
    Request,
    StepTiming,
    Time,
    Timed,
    Varied,
    Vary,
    names_digest,
)
from .schema.recording import Recording
from .setting_writes import SettingWrites
from .step import Exhausted, Step, Steps
from .target import seed_everything
from .timing import lead_after, time_step


class Answers:
    """Answers for a program seeded with ``seed``, whose energy ``sensors`` read.

    ``step`` is the step that is about to run; ``repeatable`` says whether the same work can be
    done twice in this process.
    """

    def __init__(
        self,
        step: Step,
        seed: int,
        repeatable: bool,
        cuda: bool,
        sensors: Sensors,
        recaller: Recaller,
        writes: SettingWrites,
    ) -> None:
        self.step = step
        self._seed, self._repeatable = seed, repeatable
        self._cuda, self._sensors, self._recaller = cuda, sensors, recaller
        self._writes = writes
        self._lead_s: float | None = None
        self._bench: Bench | None = None
        self._order: tuple[str, ...] = ()

    def begin(self, request: Request) -> Steps[Reply | Recording]:
        """The work that ``request`` asks for."""
        match request:
            case Check():
                return self._check(request)
            case Measure():
                return self._measure(request)
            case Record():
                return self._record(request.masks)
            case Time():
                return self._time(request)
            case Replay() | Vary():
                return self._alone(request)
            case Probe():
                return probe(self._recaller.log, request)
            case Inspect() | Libraries():
                return _without_step(self._told(request))
            case FindSetting():
                return self._writes.find(request)
            case Exercise() | Mark():
                return self._calibrate(request)
        return _without_step(
            Failure("unsupported", f"cannot do {type(request).__name__} now", "", "", ())
        )

    def _told(self, request: Inspect | Libraries) -> Reply:
        if isinstance(request, Inspect):
            return self._recaller.answer(request)
        return Imported(imported_libraries())

    def _alone(self, request: Replay | Vary) -> Steps[Replayed] | Steps[Varied]:
        self._bench = self._bench or Bench(self._sensors.meters)
        if isinstance(request, Vary):
            return vary(request, self._seed, self._bench)
        return replay(request, self._seed, self._bench)

    def _calibrate(self, request: Exercise | Mark) -> Steps[Measured] | Steps[Marked]:
        return self._exercise(request) if isinstance(request, Exercise) else self._mark(request)

    def _held(self) -> dict[str, torch.Tensor]:
        return reachable_tensors(self.step)

    def _check(self, request: Check) -> Steps[Checked]:
        if request.compare_with is not None:
            self._order = names_in(request.compare_with)
        return check(request, self._held, self._seed, self._cuda, self._repeatable)

    def _measure(self, request: Measure) -> Steps[Measured]:
        told = self._sensors.follow()
        found = yield from measure(request, self._cuda, self._sensors.meters, self._repeatable)
        return replace(found, warnings=told + found.warnings)

    def _record(self, masks: Masks | None) -> Steps[Recording]:
        seed_everything(self._seed)
        masked = MaskedStep(masks)
        parameters = {
            name: tensor
            for name, tensor in self._held().items()
            if isinstance(tensor, torch.nn.Parameter | torch.nn.Buffer)
        }
        names = {id(tensor): name for name, tensor in parameters.items()}
        recordings: list[Recording] = []

        def around(step: Step) -> object:
            recording, result = masked.run(
                lambda: record(step, names, parameter_sketches(parameters), self._order)
            )
            recordings.append(recording)
            return result

        yield around
        masked.save()
        if self._cuda and self._repeatable:
            yield from self._profile(recordings)
        return recordings[-1]

    def _profile(self, recordings: list[Recording]) -> Steps[None]:
        """One more step, for the kernels of the operators in the last of ``recordings``."""
        seed_everything(self._seed)

        def around(step: Step) -> object:
            names, launched, result = profiled(step)
            recordings.append(with_kernels(recordings[-1], names, launched))
            return result

        yield around

    def _time(self, request: Time) -> Steps[Timed]:
        kept: list[StepTiming] = []
        dropped = 0
        # The first step after a pause wakes threads and fills caches: not like those in a row. A
        # script's steps come by themselves, and are too few to leave any out.
        leading = int(self._cuda or self._repeatable)
        for number in range(request.steps + leading):
            synchronise(self._cuda)
            seen: list[tuple[StepTiming, list[str]]] = []

            def around(step: Step, seen: list[tuple[StepTiming, list[str]]] = seen) -> object:
                timing, names, result = time_step(step, self._cuda, self._lead_s or 0.0)
                seen.append((timing, names))
                return result

            try:
                yield around
            except Exhausted:
                break
            timing, names = seen[0]
            if number < leading:
                self._lead_s = lead_after(timing, self._lead_s)
                continue
            if names_digest(names) == request.names:
                kept.append(timing)
            else:
                dropped += 1
        return Timed(tuple(kept), dropped)

    def _exercise(self, request: Exercise) -> Steps[Measured]:
        yield from ()
        whole = Measure(1, request.window_s)
        with kernel(request, self._cuda) as step:
            return served(measure(whole, self._cuda, self._sensors.meters, True), step)

    def _mark(self, request: Mark) -> Steps[Marked]:
        yield from ()
        return mark(request, self._cuda)


def _without_step(reply: Reply) -> Steps[Reply]:
    yield from ()
    return reply
