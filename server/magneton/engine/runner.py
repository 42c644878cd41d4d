"""One side of a job: its worker, loaded, and started afresh where a script has ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Load, Loaded, Request
from magneton_agent.schema.meters import MeterFacts
from magneton_agent.schema.result import SideName

from ..source import targets
from ..source.positions import Locator, Revised
from .change import Change
from .devices import with_cpu_power
from .failures import PROGRAM, WorkerFailed, of
from .fork_server import Forked, ForkServer
from .ranks.replies import Ranks
from .ranks.worker import RankedWorker
from .request import Checkout, Options, SideRequest
from .side import Taken, without_meter
from .unchanged import Files, check_unchanged
from .worker import Worker

T = TypeVar("T")


class Runner:
    """Loads ``side``, with a ``change`` in force, into a worker of its own and passes requests on.

    ``files`` are those of an earlier process of the side, which this one must run too. ``server``
    forks the worker, unless the change is to its environment. Use as an async context manager;
    leaving it ends the worker and all that it started.

    Raises (on entering):
        MagnetonError: the target does not exist or cannot be loaded.
        FilesChanged: one of ``files`` was edited since.
    """

    taken: Taken | None = None  # it runs
    _external: MeterFacts | None = None
    _lost: str | None = None

    def __init__(
        self,
        name: SideName,
        side: SideRequest,
        workspace: str,
        options: Options,
        trace_construction: bool = False,
        change: Change | None = None,
        alone: bool = False,
        files: Files | None = None,
        server: ForkServer | None = None,
    ) -> None:
        self.alone = alone
        self._server = server
        self._files = files or {}
        self.name, self.target = name, side.target
        checkout = side.checkout
        self.revision = checkout.revision if checkout is not None else None
        if checkout is not None:
            workspace = checkout.folder
        self.locator = Locator(Path(workspace), _revised(checkout))
        self._change = change or Change()
        arguments = (*side.arguments, *self._change.arguments)
        spec = targets.resolve(side.target, Path(workspace), arguments, options.step)
        self._load = Load(
            spec,
            options.device,
            options.seed,
            trace_construction,
            self._change.held,
            self._change.sources,
            self._change.conversion,
            self._change.parameters,
            self._change.declared,
        )
        self._side, self._workspace, self._options = side, workspace, options
        self._worker: Worker | None = None
        self._loaded: Loaded | None = None
        self._stepped = False
        self.ranks = Ranks(options.nproc) if options.nproc > 1 else None

    async def __aenter__(self) -> Runner:
        await self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    @property
    def title(self) -> str:
        """As users know it: ``side a``, or ``the program`` where there is no other."""
        return PROGRAM if self.alone else f"side {self.name}"

    @property
    def one_shot(self) -> bool:
        """Whether every step needs a process of its own: the step is a whole script."""
        return self._load.target.kind == "script" and self._load.target.name is None

    @property
    def loaded(self) -> Loaded:
        """What the worker said after loading; with what reads its energy in its place."""
        if self._loaded is None:
            raise RuntimeError("the side has not been loaded")
        if self._lost is not None:
            return without_meter(self._loaded, self._lost)
        if self._external is None:
            return self._loaded
        idle_w = sum(each.power_w for each in self._external.idle) or None
        return replace(
            self._loaded,
            meter=self._external.name,
            meter_absent=None,
            idle_power_w=idle_w,
            meters=(self._external,),
            missing=(),
        )

    def metered(self, facts: MeterFacts) -> None:
        """Let an external meter stand for the worker's own sensors."""
        self._external = facts

    def unmetered(self, reason: str) -> None:
        """Let the model stand for what read the energy, because of ``reason``."""
        self._lost = reason

    async def ask(self, request: Request, reply: type[T]) -> T:
        """As :meth:`Worker.ask`; a script that has ended is run again in a fresh process."""
        try:
            return await self._ask(request, reply)
        except WorkerFailed as error:
            if error.failure.kind != "exhausted" or not self._stepped:
                raise
        await self._stop()
        await self._start()
        return await self._ask(request, reply)

    async def _ask(self, request: Request, reply: type[T]) -> T:
        if self._worker is None:
            raise RuntimeError("the side has no worker")
        answer = await self._worker.ask(request, reply)
        self._stepped = True
        return answer

    async def _start(self) -> None:
        self._stepped = False
        options = self._options
        worker = self._new_worker()
        await worker.__aenter__()
        self._worker = worker
        try:
            self._loaded = with_cpu_power(await worker.ask(self._load, Loaded))
            check_unchanged(self.title, self._files, self._loaded.files)
            self._files = {**self._loaded.files, **self._files}
            self._check_meter(self._loaded)
            if options.meter == "csv" and self._external is None:
                self.metered(MeterFacts("csv", (), None, None, None, None, ()))
        except BaseException:
            await self._stop()
            raise

    @property
    def worker_arguments(self) -> tuple[Any, ...]:
        """Those of its :class:`Worker`."""
        options = self._options
        return (
            self.title,
            self._side.python,
            self._workspace,
            options.device,
            "model" if options.meter == "csv" else options.meter,
            options.timeout_s,
            self._side.checkout,
            self._change.environment,
        )

    def _new_worker(self) -> Worker:
        if self.ranks is not None:
            return RankedWorker.of(self.ranks, *self.worker_arguments)
        if self._server is not None and not self._change.environment:
            return Forked.of(self._server, *self.worker_arguments)
        return Worker(*self.worker_arguments)

    def _check_meter(self, loaded: Loaded) -> None:
        wanted = self._options.meter
        if wanted in ("nvml", "rapl") and wanted not in loaded.meter.split("+"):
            raise MagnetonError(
                of(self.title, f"there is no {wanted.upper()} energy counter to read"),
                loaded.meter_absent or "",
                "use --meter auto, which takes the power model where no sensor answers",
            )

    async def _stop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.__aexit__(None, None, None)


def _revised(checkout: Checkout | None) -> Revised | None:
    if checkout is None:
        return None
    return Revised(Path(checkout.top).resolve(), Path(checkout.repository), checkout.revision)
