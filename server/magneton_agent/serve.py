"""Loads the program and serves the engine's requests, one at a time, until it goes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from functools import partial

from .allocator import keep_freed_memory
from .answers import Answers
from .calls import CallLog
from .channel import Channel
from .conversions import convert, prepare
from .failure import TargetError, raised
from .held_settings import HeldSettings
from .lifetime import die_with_parent, leave
from .loading import describe, unmet_device, uses_cuda
from .meters.sensors import find_sensors
from .option_files import OptionFiles
from .overlay import Overlay
from .recall import Recaller
from .relocating import warnings_of
from .schema.messages import Close, Failure, Inspect, Load, Reply, Request
from .schema.recording import Recording
from .setting_writes import SettingWrites
from .step import Step, Steps
from .target import seed_everything
from .turns import Reported, Turns, exhausted
from .workload import load_callable, run_script


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
    """Serves one side, for the process ``engine``. ``run`` returns when that closes the channel."""

    def __init__(self, channel: Channel, setup: Setup, engine: int | None = None) -> None:
        self._channel, self._setup, self._engine = channel, setup, engine
        self._log = CallLog()
        self._recaller = Recaller(self._log)
        self._turns = Turns(channel, self._begin)
        self._answers: Answers | None = None
        self._stepping = False
        self._held, self._writes = HeldSettings({}), SettingWrites()
        self._options = OptionFiles(setup.workspace, {})

    def run(self) -> None:
        """Load what the engine names, then serve its requests."""
        load = self._channel.receive()
        if not isinstance(load, Load):
            return
        seed_everything(load.seed)
        with contextlib.ExitStack() as stack:
            try:
                self._held = stack.enter_context(HeldSettings(load.settings))
            except ValueError as error:
                self._channel.send(_cannot_hold(error))
                return
            overlay = Overlay(load.sources)
            self._options = OptionFiles(self._setup.workspace, load.sources)
            stack.enter_context(overlay.served())
            self._run(load, overlay)

    def _run(self, load: Load, overlay: Overlay) -> None:
        step: Step | None = None
        try:
            prepare(load.conversion)
            step = self._start(load, overlay)
        except TargetError as error:
            self._channel.send(error.failure)
            return
        except Reported:
            pass  # a script whose step raised has ended
        except BaseException as error:  # noqa: BLE001 the program may raise anything
            self._channel.send(raised(error, f"loading {_named(load)}"))
            return
        while step is not None:
            with contextlib.suppress(Reported):
                self._turns.serve(self._held.within(step))
        self._script_ended(load)

    def _start(self, load: Load, overlay: Overlay) -> Step | None:
        """The step of a loaded callable; None after a script has run to its end, serving its
        steps."""
        with contextlib.ExitStack() as stack:
            if load.trace_construction or load.sources:
                stack.enter_context(self._options.watching())
            if load.trace_construction:
                stack.enter_context(self._log.watching())
                stack.enter_context(self._writes.watching())
            if load.target.kind == "script":
                source = overlay.source(load.target.path)
                run_script(load.target, partial(self._serve_script_step, load), source)
                return None
            step = load_callable(load.target, load.parameters, load.declared)
        convert(load.conversion, step)
        self._answers = self._loaded(load, step, repeatable=True)
        return step

    def _serve_script_step(self, load: Load, step: Step) -> object:
        if self._stepping or self._turns.forked:
            return step()  # called by a step, or by a child that the program forked
        self._stepping = True
        try:
            if self._answers is None:
                convert(load.conversion, step)
                self._answers = self._loaded(load, step, repeatable=False)
            self._answers.step = step
            return self._turns.serve(self._held.within(step))
        finally:
            self._stepping = False

    def _loaded(self, load: Load, step: Step, repeatable: bool) -> Answers:
        """Tell the engine that ``step`` is ready."""
        cuda = uses_cuda(load.device)
        setup = self._setup
        sensors = find_sensors(cuda, setup.meter, setup.pynvml_path, run=self._engine)
        warnings = (*warnings_of(setup.repository), *unmet_device(load.device, cuda))
        told = describe(step, setup.workspace, cuda, sensors, warnings)
        self._channel.send(replace(told, option_files=self._options.digests))
        return Answers(step, load.seed, repeatable, cuda, sensors, self._recaller, self._writes)

    def _begin(self, request: Request) -> Steps[Reply | Recording]:
        if self._answers is None:
            raise RuntimeError("nothing has been loaded")
        return self._answers.begin(request)

    def _script_ended(self, load: Load) -> None:
        if self._answers is None:
            fact = f"{load.target.path} ended without calling {load.target.name}"
            remedy = "name a function that the script calls, or leave --step out"
            self._channel.send(Failure("target", fact, "no step was seen", remedy, ()))
            return
        self._turns.end()
        while not isinstance(following := self._channel.receive(), Close | None):
            # What a probe has seen is still here; nothing else can be done without a step.
            reply: Reply = exhausted()
            if isinstance(following, Inspect):
                reply = self._recaller.answer(following)
            self._channel.send(reply)


def _cannot_hold(error: ValueError) -> Failure:
    cause = "it is only told, or not in this version of torch"
    return Failure("unsupported", str(error), cause, "leave the setting as it is", ())


def _named(load: Load) -> str:
    target = load.target
    return target.name or target.path or target.module


def main(descriptor: int, parent: int, setup: Setup) -> None:
    """Serve the engine over ``descriptor``."""
    die_with_parent(parent)
    keep_freed_memory()
    Agent(Channel(descriptor), setup, parent).run()
    leave()
