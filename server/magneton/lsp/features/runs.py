"""The commands that start and stop runs. They answer at once with the run's job."""

from __future__ import annotations

import asyncio
from pathlib import Path

from magneton.engine import store
from magneton.engine.job_messages import DoctorRequest, Work
from magneton.engine.request import CompareRequest
from magneton.source.targets import parse, resolve, target_file
from magneton_agent.schema.errors import MagnetonError

from .. import arguments
from ..commands import Answer, add
from ..server import MagnetonServer


def register(server: MagnetonServer) -> None:
    async def compare(asked: arguments.Compare) -> Answer:
        python = _interpreter(server, asked.python)
        workspace = await _checked(server, asked, (asked.a, asked.b))
        return _submit(server, asked.request(workspace, python))

    async def measure(asked: arguments.Measure) -> Answer:
        python = _interpreter(server, asked.python)
        workspace = await _checked(server, asked, (asked.a,))
        return _submit(server, asked.request(workspace, python))

    async def what_if(asked: arguments.WhatIf) -> Answer:
        python = _interpreter(server, asked.python)
        workspace = await _checked(server, asked, (asked.a,))
        return _submit(server, asked.trying(workspace, python))

    async def again(_: arguments.Nothing) -> Answer:
        _require_trust(server)
        return _submit(server, await asyncio.to_thread(_last_request, server))

    async def doctor(asked: arguments.Interpreter) -> Answer:
        return _submit(server, DoctorRequest(_interpreter(server, asked.python)))

    async def cancel(asked: arguments.Cancel) -> Answer:
        return {"cancelled": server.queue.cancel(asked.job)}

    add(server, "compare", arguments.Compare, compare)
    add(server, "measure", arguments.Measure, measure)
    add(server, "whatIf", arguments.WhatIf, what_if)
    add(server, "again", arguments.Nothing, again)
    add(server, "doctor", arguments.Interpreter, doctor)
    add(server, "cancel", arguments.Cancel, cancel)


def _submit(server: MagnetonServer, work: Work) -> Answer:
    return {"job": server.queue.submit(work)}


def _require_trust(server: MagnetonServer) -> None:
    if not server.settings.trusted:
        raise MagnetonError(
            "nothing is run in this workspace",
            "it is not trusted, and a run executes its code",
            "trust the workspace; results can be read without that",
        )


def _interpreter(server: MagnetonServer, asked: str | None) -> str:
    """The interpreter for a run, which must be allowed at all."""
    _require_trust(server)
    python = asked or server.settings.python
    if not python:
        raise MagnetonError(
            "there is no Python interpreter to run with",
            "neither the request nor the client's options name one",
            "choose the interpreter that has your program's torch",
        )
    return python


async def _checked(
    server: MagnetonServer, asked: arguments.Compare | arguments.Measure, targets: tuple[str, ...]
) -> Path:
    """The workspace that ``targets`` are relative to, after a look at what they name."""
    near = server.folder_at(asked.uri)
    folders = [near] if near is not None else server.folders()
    return await asyncio.to_thread(_check, folders, targets, asked.options.step)


def _check(folders: list[Path], targets: tuple[str, ...], step: str | None) -> Path:
    workspace = _workspace(folders, targets[0])
    for target in targets:
        resolve(target, workspace, step=step)
    return workspace


def _workspace(folders: list[Path], text: str) -> Path:
    """The first folder that holds the file of the target ``text``, else the first of all."""
    target = parse(text)
    if target.path is not None and Path(target.path).is_absolute():
        file = Path(target.path)
        return next((f for f in folders if file.is_relative_to(f)), file.parent)
    for folder in folders:
        file_here = target_file(target, folder)
        if file_here is not None and file_here.is_file():
            return folder
    if not folders:
        raise MagnetonError(
            f"'{text}' cannot be found", "no folder is open", "open the folder that holds it"
        )
    return folders[0]


def _last_request(server: MagnetonServer) -> CompareRequest:
    """The newest comparison of the workspace whose result was shown last, or of the first
    folder that has one."""
    newest = server.board.newest
    folders = [newest.workspace] if newest is not None else []
    for folder in [*folders, *server.folders()]:
        request = store.load_request(folder)
        if request is not None:
            return request
    raise MagnetonError(
        "there is no comparison to run again",
        "none has been run in this workspace",
        "compare two functions first",
    )
