"""Shows results: those stored in the workspace, those that runs bring, those opened by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lsprotocol import types

from magneton.engine import store
from magneton_agent.schema.errors import MagnetonError

from ..opened import Opened, open_result
from ..server import MagnetonServer, file_of
from ..texts import describe
from .diagnostics import refresh_all


def register(server: MagnetonServer) -> None:
    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        for folder in server.folders():
            await _show_stored(server, folder)
        await _watch(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for removed in params.event.removed:
            if (folder := file_of(removed.uri)) is not None:
                server.board.remove(folder)
        for added in params.event.added:
            if (folder := file_of(added.uri)) is not None:
                await _show_stored(server, folder)
        await refresh(server)


async def show(
    server: MagnetonServer, workspace: Path, result: store.Result, path: Path | None
) -> Opened:
    """Show ``result`` as the newest of ``workspace``; ``path`` is the file that holds it."""
    opened = await asyncio.to_thread(open_result, workspace, result, path, server.versions)
    server.board.show(opened)
    if opened.changed_files:
        names = ", ".join(opened.changed_files)
        text = f"Changed since they were measured, so that nothing is marked in them: {names}"
        server.window_log_message(types.LogMessageParams(types.MessageType.Info, text))
    await refresh(server)
    return opened


async def refresh(server: MagnetonServer) -> None:
    """Bring diagnostics and lenses up to what the board holds."""
    await refresh_all(server)
    workspace = server.client_capabilities.workspace
    if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
        server.workspace_code_lens_refresh(None)


async def show_written(server: MagnetonServer, path: Path) -> None:
    """Show the result that was written to ``path``, as a run in a terminal does, unless it is shown
    already or ``path`` is not where a folder in the workspace keeps its newest one."""
    folder = store.workspace_of(path)
    inside = folder is not None and any(folder.is_relative_to(each) for each in server.folders())
    if folder is not None and inside and path == store.result_path(folder):
        await _show_stored(server, folder)


async def _watch(server: MagnetonServer) -> None:
    """Ask to be told of results that others write. What an untrusted workspace makes is not waited
    for."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if not (server.settings.trusted and watching and watching.dynamic_registration):
        return
    kind = types.WatchKind.Create | types.WatchKind.Change
    watcher = types.FileSystemWatcher(f"**/{store.result_path(Path()).as_posix()}", kind)
    options = types.DidChangeWatchedFilesRegistrationOptions([watcher])
    registration = types.Registration(
        "magneton-results", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options
    )
    await server.client_register_capability_async(types.RegistrationParams([registration]))


async def _show_stored(server: MagnetonServer, folder: Path) -> None:
    path = store.result_path(folder)
    try:
        result = await asyncio.to_thread(store.load_last, folder)
    except MagnetonError as error:
        server.window_show_message(
            types.ShowMessageParams(types.MessageType.Warning, describe(error))
        )
        return
    if result is not None and not server.board.shows(folder, result):
        await show(server, folder, result, path)
