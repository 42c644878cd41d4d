"""Opens the sides of a job: a worker for a program, the file for a trace."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from magneton_agent.schema.result import SideName

from .change import Change
from .request import CompareRequest, MeasureRequest, SideRequest
from .runner import Runner
from .side import Side
from .together import together
from .trace.side import TraceSide
from .trace.store import StoredTrace, is_trace, read_trace
from .unchanged import Files

Traces = Mapping[SideName, StoredTrace]
"""Those sides of a job that ran before."""


def traces_of(request: CompareRequest | MeasureRequest) -> Traces:
    """The traces among the sides of ``request``.

    Raises:
        MagnetonError: one cannot be read.
    """
    workspace = Path(request.workspace)
    return {
        name: read_trace(workspace / side.target, workspace)
        for name, side in _sides(request).items()
        if is_trace(side.target, workspace)
    }


async def load_sides(
    stack: AsyncExitStack,
    request: CompareRequest,
    traces: Traces,
    again: Mapping[SideName, Files] | None = None,
) -> tuple[Side, Side]:
    """Both sides, programs loaded at the same time; when one fails, the other is not waited for,
    and neither is left running.

    ``again``: a second time, to look closer, with the files of the first; construction is traced.
    """
    known = again or {}
    sides = [_side(request, name, traces, known.get(name)) for name in _sides(request)]
    a, b = await together(_loaded(stack, side) for side in sides)
    return a, b


async def load_side(
    stack: AsyncExitStack, request: MeasureRequest, again: Files | None = None
) -> Side:
    """The one side of a measurement. Raises as :func:`load_sides` and :func:`traces_of`."""
    return await _loaded(stack, _side(request, "a", traces_of(request), again))


def _side(
    request: CompareRequest | MeasureRequest, name: SideName, traces: Traces, files: Files | None
) -> Runner | TraceSide:
    again = files is not None
    side, options = _sides(request)[name], request.options
    alone = isinstance(request, MeasureRequest)
    if name in traces:
        return TraceSide(name, side, options, traces[name], again, alone)
    change = Change(declared=request.parameters if isinstance(request, MeasureRequest) else ())
    return Runner(name, side, request.workspace, options, again, change, alone, files)


async def _loaded(stack: AsyncExitStack, side: Runner | TraceSide) -> Side:
    return await stack.enter_async_context(side) if isinstance(side, Runner) else side


def _sides(request: CompareRequest | MeasureRequest) -> dict[SideName, SideRequest]:
    if isinstance(request, MeasureRequest):
        return {"a": request.a}
    return {"a": request.a, "b": request.b}
