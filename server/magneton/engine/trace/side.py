"""A trace in the place of a running program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Check, Checked, Loaded, OutputCheck, Record, Request
from magneton_agent.schema.recording import Recording
from magneton_agent.schema.result import SideName

from ...source.positions import Locator
from ..failures import PROGRAM, not_kept, of
from ..request import Options, SideRequest
from ..side import Taken, without_meter
from .outputs import compare_outputs, write_index
from .store import StoredTrace, copy_outputs

T = TypeVar("T")


class TraceSide:
    """Answers from ``stored`` what an agent would; nothing is started.

    ``again`` stands for a second process: what was timed in the fresh one.

    Raises:
        MagnetonError: ``request`` or ``options`` ask for what a finished run cannot give.
    """

    def __init__(
        self,
        name: SideName,
        request: SideRequest,
        options: Options,
        stored: StoredTrace,
        again: bool = False,
        alone: bool = False,
    ) -> None:
        self.name = name
        self.title = PROGRAM if alone else f"side {name}"
        self._stored, self._again = stored, again
        self._loaded = stored.trace.loaded
        _check_asked(self.title, name, request, options, stored.trace.loaded)

    @property
    def target(self) -> str:
        return self._stored.trace.target

    @property
    def revision(self) -> None:
        """A trace's lines are found by what its files held, not by revision."""

    @property
    def loaded(self) -> Loaded:
        return self._loaded

    def unmetered(self, reason: str) -> None:
        """Let the model stand for what read the energy, because of ``reason``."""
        self._loaded = without_meter(self._loaded, reason)

    @property
    def locator(self) -> Locator:
        return self._stored.locator

    @property
    def one_shot(self) -> bool:
        return self._stored.trace.one_shot

    @property
    def taken(self) -> Taken | None:
        """What was sampled when the trace was made."""
        trace = self._stored.trace
        return (trace.second if self._again else None) or trace.first

    async def ask(self, request: Request, reply: type[T]) -> T:
        """What the agent answered to ``request`` when the trace was made; outputs are compared
        now."""
        answer: Checked | Recording
        match request:
            case Check():
                answer = replace(self._stored.trace.checked, against=self._outputs(request))
            case Record():
                answer = self._stored.trace.recording
            case _:
                raise RuntimeError(f"a trace cannot do {type(request).__name__}")
        if not isinstance(answer, reply):
            raise TypeError(f"{type(request).__name__} is not answered by {reply.__name__}")
        return answer

    def _outputs(self, request: Check) -> tuple[OutputCheck, ...]:
        folder = Path(request.folder)
        copy_outputs(self._stored, folder)
        try:
            write_index(folder, self._stored.trace.outputs)
            if request.compare_with is None or self._stored.trace.checked.kind == "none":
                return ()
            return compare_outputs(Path(request.compare_with), folder)
        except OSError as error:
            raise not_kept(error) from error


def _check_asked(
    who: str, name: SideName, request: SideRequest, options: Options, loaded: Loaded
) -> None:
    if request.arguments:
        raise MagnetonError(
            of(who, f"{request.target} takes no arguments"),
            "it is a trace: the program has run already",
            f"leave --args-{name} out, or name the program instead of its trace",
        )
    if options.record_masks:
        raise MagnetonError(
            of(who, f"the random numbers of {request.target} cannot be recorded or replaced"),
            "it is a trace: the program has run already",
            "leave --record-masks out, or name the program instead of its trace",
        )
    if options.meter not in ("auto", loaded.meter):
        raise MagnetonError(
            of(who, f"{request.target} was not measured with --meter {options.meter}"),
            f"it is a trace, taken with {loaded.meter}",
            f"use --meter {loaded.meter} or auto, or trace the program again",
        )
