"""The commands that only read: targets, the report, results in files. They run nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from magneton.engine import store
from magneton_agent.schema.errors import MagnetonError

from .. import arguments
from ..commands import Answer, add
from ..positions import to_client_range
from ..server import MagnetonServer, file_of
from . import results
from .lenses import script_of, target_functions


def register(server: MagnetonServer) -> None:
    async def targets(asked: arguments.Document) -> Answer:
        return await _targets(server, asked)

    async def report(asked: arguments.Report) -> Answer:
        return await _report(server, asked.workspace)

    async def open_file(asked: arguments.ResultFile) -> Answer:
        return {"findings": await _open(server, Path(asked.path))}

    async def clear(_: arguments.Nothing) -> Answer:
        await _clear(server)
        return {}

    add(server, "targets", arguments.Document, targets)
    add(server, "report", arguments.Report, report)
    add(server, "open", arguments.ResultFile, open_file)
    add(server, "clear", arguments.Nothing, clear)


async def _targets(server: MagnetonServer, asked: arguments.Document) -> Answer:
    file = file_of(asked.uri)
    lines = server.current_lines(file) if file is not None else None
    if file is None or lines is None:
        return {"targets": [], "script": None}
    codec = server.workspace.position_codec
    script = script_of(server, file)
    if asked.relative_to and server.folder_at(asked.relative_to) != server.folder_of(file):
        script = file.as_posix()
    found = [
        {
            "target": f"{script}:{function.name}",
            "name": function.name,
            "range": to_client_range(codec, lines, function.start, function.end),
        }
        for function in await asyncio.to_thread(target_functions, lines)
        if function.needs_nothing
    ]
    return {"targets": found, "script": script}


async def _report(server: MagnetonServer, workspace: str | None) -> Answer:
    from magneton.report import html  # seldom needed

    board = server.board
    opened = board.newest if workspace is None else board.of(Path(workspace))
    if opened is None:
        raise MagnetonError(
            "there is no result to report on",
            "nothing has been compared or measured in this workspace",
            "compare two functions first, or open a result file",
        )
    page = await asyncio.to_thread(html.render, opened.result, opened.workspace)
    return {"html": page, "path": str(opened.path) if opened.path is not None else None}


async def _open(server: MagnetonServer, path: Path) -> int:
    """Show the result in ``path``; returns the number of its findings."""
    result = await asyncio.to_thread(store.load_result, path)
    workspace = store.workspace_of(path)
    folders = server.folders()
    if workspace not in folders:
        workspace = next((f for f in folders if path.is_relative_to(f)), None)
    opened = await results.show(server, workspace or (folders or [path.parent])[0], result, path)
    return sum(mark.finding is not None for mark in opened.marks)


async def _clear(server: MagnetonServer) -> None:
    """Forget what is shown; a folder's stored result goes too, or it would be back at the next
    start. Result files elsewhere stay."""
    for opened in server.board.all():
        await asyncio.to_thread(store.result_path(opened.workspace).unlink, missing_ok=True)
    server.board.clear()
    await results.refresh(server)
