"""Answers the engine's requests, one at a time, until it goes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import NoReturn

import torch

from .allocator import keep_freed_memory
from .channel import Channel
from .checking import check
from .construction import ConstructionLog
from .exercise import kernel, served
from .failure import TargetError, raised
from .kernels import profiled, with_kernels
from .loading import describe, uses_cuda
from .marker import mark
from .masks import MaskedStep
from .measuring import measure, synchronise
from .meters.sensors import NOTHING_LOADED, find_sensors
from .probe import Prober
from .reach import reachable_tensors
from .recorder import parameter_sketches, record
from .relocating import warnings_of
from .replay.calls import Bench
from .replay.replaying import replay
from .schema.messages import (
    Check,
    Close,
    Exercise,
    Failure,
    Inspect,
    Load,
    Mark,
    Marked,
    Masks,
    Measure,
    Measured,
    Probe,
    Record,
    Replay,
    Reply,
    Request,
    StepTiming,
    Time,
    Timed,
    names_digest,
)
from .schema.recording import Recording
from .step import Around, Exhausted, Step, Steps
from .target import seed_everything
from .timing import lead_after, time_step
from .workload import Workload, load_callable, run_script

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_WATCH_S = 0.5


@dataclass(frozen=True)
class Setup:
    """What the engine passes on the agent's command line.

    Where a revision of ``repository`` runs, ``checkout`` is the folder that stands for it.
    """

    workspace: str
    meter: str
    pynvml_path: str
    repository: str = ""
    checkout: str = ""


class Agent:
    """Serves one side. ``run`` returns when the engine closes the channel."""

    def __init__(self, channel: Channel, setup: Setup) -> None:
        self._channel, self._setup = channel, setup
        self._pid = os.getpid()
        self._log = ConstructionLog()
        self._prober = Prober(self._log)
        self._pending: Steps[Reply | Recording] | None = None
        self._around: Around | None = None
        self._workload: Workload | None = None
        self._step: Step | None = None
        self._load: Load | None = None
        self._cuda = self._stepping = False
        self._lead_s: float | None = None
        self._bench: Bench | None = None
        self._sensors = NOTHING_LOADED

    def run(self) -> None:
        """Load what the engine names, then serve its requests."""
        request = self._channel.receive()
        if not isinstance(request, Load):
            return
        self._load = request
        seed_everything(request.seed)
        step: Step | None = None
        try:
            step = self._start(request)
        except TargetError as error:
            self._channel.send(error.failure)
            return
        except _Reported:
            pass  # a script whose step raised has ended
        except BaseException as error:  # noqa: BLE001 the program may raise anything
            self._channel.send(raised(error, f"loading {_named(request)}"))
            return
        while step is not None:
            with contextlib.suppress(_Reported):
                self._serve_step(step)
        self._script_ended(request)

    def _start(self, request: Load) -> Step | None:
        """The step of a loaded callable; None after a script has run to its end, serving its
        steps."""
        with self._log.watching() if request.trace_construction else contextlib.nullcontext():
            if request.target.kind == "script":
                run_script(request.target, self._serve_script_step)
                return None
            workload = load_callable(request.target)
        if workload.step is not None:
            self._loaded(workload, workload.step)
        return workload.step

    def _serve_script_step(self, step: Step) -> object:
        if self._stepping or os.getpid() != self._pid:
            return step()  # called by a step, or by a child that the program forked
        self._stepping = True
        try:
            if self._workload is None:
                self._loaded(Workload(None, factory=False), step)
            return self._serve_step(step)
        finally:
            self._stepping = False

    def _loaded(self, workload: Workload, step: Step) -> None:
        self._workload, self._step = workload, step
        load = self._request_load()
        self._cuda = uses_cuda(load.device)
        self._sensors = find_sensors(self._cuda, self._setup.meter, self._setup.pynvml_path)
        warnings = warnings_of(self._setup.repository)
        self._channel.send(
            describe(step, self._setup.workspace, self._cuda, self._sensors, warnings)
        )

    def _serve_step(self, step: Step) -> object:
        """Serve requests until one wants a step, run it, and return what it returned."""
        self._step = step
        around = self._around or self._next_around()
        try:
            result = around(step)
        except BaseException as error:
            self._exit_if_forked()
            self._abandon(raised(error, "the step"))
            raise _Reported from error
        self._exit_if_forked()
        self._around = self._advance(result)
        return result

    def _next_around(self) -> Around:
        while True:
            request = self._channel.receive()
            if request is None or isinstance(request, Close):
                leave()
            self._pending = self._handler(request)
            if (around := self._advance(None)) is not None:
                return around

    def _advance(self, result: object) -> Around | None:
        """Resume the pending request; None once it has answered."""
        if self._pending is None:
            return None
        try:
            return self._pending.send(result)
        except StopIteration as done:
            self._pending = None
            self._channel.send(done.value)
        except Exhausted:
            self._abandon(_exhausted())
        except OSError as error:
            self._abandon(_not_written(error))
        except RuntimeError as error:
            # What a GPU was given fails when it is waited for, after the step has returned.
            self._abandon(raised(error, "the step"))
        return None

    def _abandon(self, failure: Failure) -> None:
        if self._pending is not None:
            self._pending.close()
        self._pending = self._around = None
        self._channel.send(failure)

    def _script_ended(self, request: Load) -> None:
        if self._workload is None:
            fact = f"{request.target.path} ended without calling {request.target.name}"
            remedy = "name a function that the script calls, or leave --step out"
            self._channel.send(Failure("target", fact, "no step was seen", remedy, ()))
            return
        if self._pending is not None:
            try:
                self._pending.throw(Exhausted())
            except StopIteration as done:
                self._channel.send(done.value)
            except Exhausted:
                self._channel.send(_exhausted())
            self._pending = None
        while not isinstance(following := self._channel.receive(), Close | None):
            # What a probe has seen is still here; nothing else can be done without a step.
            reply: Reply = _exhausted()
            if isinstance(following, Inspect):
                reply = self._prober.inspect(following)
            self._channel.send(reply)

    def _handler(self, request: Request) -> Steps[Reply | Recording]:
        load = self._request_load()
        repeatable = self._workload is not None and self._workload.repeatable
        match request:
            case Check():
                return check(request, self._held, load.seed, self._cuda, repeatable)
            case Measure():
                return self._measure(request, repeatable)
            case Record():
                return self._record(load.seed, request.masks)
            case Time():
                return self._time(request, repeatable)
            case Replay():
                self._bench = self._bench or Bench(self._sensors.meters)
                return replay(request, load.seed, self._bench)
            case Probe():
                return self._prober.probe(request)
            case Inspect():
                return _without_step(self._prober.inspect(request))
            case Exercise():
                return self._exercise(request)
            case Mark():
                return self._mark(request)
        return _without_step(
            Failure("unsupported", f"cannot do {type(request).__name__} now", "", "", ())
        )

    def _measure(self, request: Measure, repeatable: bool) -> Steps[Measured]:
        told = self._sensors.follow()
        found = yield from measure(request, self._cuda, self._sensors.meters, repeatable)
        return replace(found, warnings=found.warnings + told)

    def _record(self, seed: int, masks: Masks | None) -> Steps[Recording]:
        seed_everything(seed)
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
                lambda: record(step, names, parameter_sketches(parameters))
            )
            recordings.append(recording)
            return result

        yield around
        masked.save()
        if self._cuda and self._workload is not None and self._workload.repeatable:
            yield from self._profile(seed, recordings)
        return recordings[-1]

    def _profile(self, seed: int, recordings: list[Recording]) -> Steps[None]:
        """One more step, for the kernels of the operators in the last of ``recordings``."""
        seed_everything(seed)

        def around(step: Step) -> object:
            names, launched, result = profiled(step)
            recordings.append(with_kernels(recordings[-1], names, launched))
            return result

        yield around

    def _time(self, request: Time, repeatable: bool) -> Steps[Timed]:
        kept: list[StepTiming] = []
        dropped = 0
        # The first step after a pause wakes threads and fills caches: not like those in a row. A
        # script's steps come by themselves, and are too few to leave any out.
        leading = int(self._cuda or repeatable)
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

    def _held(self) -> dict[str, torch.Tensor]:
        return reachable_tensors(self._step) if self._step is not None else {}

    def _request_load(self) -> Load:
        if self._load is None:
            raise RuntimeError("nothing has been loaded")
        return self._load

    def _exit_if_forked(self) -> None:
        if os.getpid() != self._pid:
            os._exit(0)  # a child that the program forked must not answer for it


class _Reported(Exception):
    """The step raised, and the engine has been told."""


def _without_step(reply: Reply) -> Steps[Reply]:
    yield from ()
    return reply


def _exhausted() -> Failure:
    return Failure(
        "exhausted",
        "the script ended before enough steps were seen",
        "every call of the step function counts once",
        "let the script call it more often, or leave --step out",
        (),
    )


def _not_written(error: OSError) -> Failure:
    return Failure(
        "internal",
        "what the step returned could not be kept for comparison",
        str(error),
        "free some space, or set TMPDIR to a folder that has it",
        (),
    )


def _named(request: Load) -> str:
    target = request.target
    return target.name or target.path or target.module


def leave() -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()  # the program may have closed or replaced it
    os._exit(0)  # not sys.exit: the program's own handlers and threads could hold it up


def die_with_parent(parent: int) -> None:
    """End this process when ``parent`` ends, even while the program runs native code.

    The parent of one of several ranks is what launched them; ``parent`` is then its parent.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), name="magneton-watch", daemon=True).start()


def _watch(parent: int) -> None:
    launcher = os.getppid()
    while os.getppid() == launcher and (launcher == parent or _exists(parent)):
        time.sleep(_WATCH_S)
    os._exit(0)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main(descriptor: int, parent: int, setup: Setup) -> None:
    """Serve the engine over ``descriptor``."""
    die_with_parent(parent)
    keep_freed_memory()
    Agent(Channel(descriptor), setup).run()
    leave()
