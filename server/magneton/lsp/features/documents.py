"""Follows the documents: remembers their saved versions and keeps their marks in place."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from ..server import MagnetonServer, file_of
from . import diagnostics, results


def register(server: MagnetonServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: types.DidOpenTextDocumentParams) -> None:
        await _note(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        file = file_of(params.text_document.uri)
        if file is not None and file in server.board.marked_files():
            diagnostics.refresh_open(server, file)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(params: types.DidSaveTextDocumentParams) -> None:
        await _note(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(params: types.DidCloseTextDocumentParams) -> None:
        await _note(server, params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            await _note(server, change.uri)
            file = file_of(change.uri)
            if file is not None and server.settings.trusted:
                await results.show_written(server, file)


async def _note(server: MagnetonServer, uri: str) -> None:
    file = file_of(uri)
    if file is None:
        return
    if server.document(file) is not None:
        await asyncio.to_thread(server.versions.remember, file)
    if file in server.board.marked_files() | server.published.keys():
        await diagnostics.refresh(server, file)
