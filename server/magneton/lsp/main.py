"""The language server on standard input and output."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .features import commands, documents, hover, jobs, lenses, quick_fixes, results, runs
from .features.diagnostics import refresh_all
from .server import MagnetonServer
from .settings import changed_settings, read_settings


def create_server(job_command: Sequence[str] | None = None) -> MagnetonServer:
    """A server with all its features."""
    server = MagnetonServer(job_command)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.settings, problem = read_settings(params.initialization_options)
        warn(problem)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configure(params: types.DidChangeConfigurationParams) -> None:
        server.settings, problem = changed_settings(server.settings, params.settings)
        warn(problem)
        await refresh_all(server)

    def warn(problem: str | None) -> None:
        if problem is not None:
            server.window_show_message(
                types.ShowMessageParams(types.MessageType.Warning, f"Magneton: {problem}")
            )

    for feature in (documents, results, hover, lenses, quick_fixes, jobs, runs, commands):
        feature.register(server)
    return server


def main() -> int:
    """Serve until the client says exit or goes away."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_no_refusal)
    create_server().start_io()
    return 0


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """A request that was refused has its answer: pygls logs it with a traceback all the same."""
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))
