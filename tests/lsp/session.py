"""A client at the real server: what tests of the language server talk through."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from magneton.engine.store import Result, save_result

REAL_SERVER = ("-I", "-c", "from magneton.lsp.main import main; main()")
_FAKE_SERVER = str(Path(__file__).with_name("fake_server.py"))


class Session:
    """``jobs`` are the ``magneton/job`` notifications so far, oldest first; ``refreshes`` holds
    one entry for each time that the server asked for new lenses; ``registrations`` are what it
    registered once it had started."""

    def __init__(self, client: LanguageClient, workspace: Path) -> None:
        self.client, self.workspace = client, workspace
        self.registrations: list[types.Registration] = []
        self.jobs: list[Any] = []
        self.refreshes: list[None] = []
        self.initialized: types.InitializeResult | None = None

    @property
    def server(self) -> asyncio.subprocess.Process:
        server = self.client._server  # pygls offers no public way to it
        assert server is not None
        return server

    def uri(self, name: str) -> str:
        return (self.workspace / name).as_uri()

    async def command(self, name: str, argument: object = None) -> Any:
        """The answer to ``magneton.server.<name>``."""
        arguments = [] if argument is None else [argument]
        return await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(f"magneton.server.{name}", arguments)
        )

    async def start(self, name: str, argument: object = None) -> str:
        """Start a run; returns its job."""
        job = (await self.command(name, argument))["job"]
        assert isinstance(job, str)
        return job

    async def job(self, job: str, **wanted: str) -> Any:
        """The first notification of ``job`` with these fields, sent already or later."""
        return await self.eventually(
            lambda: next(
                (
                    note
                    for note in self.jobs
                    if note.job == job
                    and all(getattr(note, field) == value for field, value in wanted.items())
                ),
                None,
            )
        )

    async def eventually(self, condition: Callable[[], Any]) -> Any:
        """What ``condition`` returns once it is true."""
        async with asyncio.timeout(300):
            while not (found := condition()):
                await asyncio.sleep(0.01)
        return found

    def diagnostics(self, name: str) -> Sequence[types.Diagnostic]:
        return self.client.diagnostics.get(self.uri(name), ())

    def open(self, name: str, text: str | None = None) -> None:
        """Open a document, with the text that it has on disk unless told."""
        content = (self.workspace / name).read_text("utf-8") if text is None else text
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(self.uri(name), "python", 1, content)
            )
        )

    def insert(self, name: str, line: int, character: int, text: str, version: int = 2) -> None:
        """Type ``text`` at a 0-based position."""
        self.replace(name, (line, character), (line, character), text, version)

    def replace(
        self, name: str, start: tuple[int, int], end: tuple[int, int], text: str, version: int = 2
    ) -> None:
        """Replace the text between two 0-based positions."""
        change = types.TextDocumentContentChangePartial(
            types.Range(types.Position(*start), types.Position(*end)), text
        )
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, self.uri(name)), [change]
            )
        )

    def changed(self, path: Path) -> None:
        """Say that the file at ``path`` was written by another program."""
        event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def register(self, params: types.RegistrationParams) -> None:
        """Note what the server registers."""
        self.registrations += params.registrations

    async def hover(self, name: str, line: int, character: int) -> types.Hover | None:
        return await self.client.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(self.uri(name)), types.Position(line, character)
            )
        )

    async def lenses(self, name: str) -> list[types.CodeLens]:
        found = await self.client.text_document_code_lens_async(
            types.CodeLensParams(types.TextDocumentIdentifier(self.uri(name)))
        )
        return list(found or ())

    async def titles(self, name: str) -> list[str]:
        return [lens.command.title for lens in await self.lenses(name) if lens.command]


@contextlib.asynccontextmanager
async def connected(
    workspace: Path,
    job_command: Sequence[str] | None = None,
    *,
    folders: Sequence[Path] | None = None,
    capabilities: types.ClientCapabilities | None = None,
    **options: object,
) -> AsyncIterator[Session]:
    """A session whose client is VS Code's and which ends as a client ends it.

    Trusted, with this interpreter for runs, unless ``options`` say otherwise.
    """
    client = make_test_lsp_client()
    session = Session(client, workspace)
    client.feature(types.WORKSPACE_CODE_LENS_REFRESH)(functools.partial(session.refreshes.append))
    client.feature("magneton/job")(functools.partial(session.jobs.append))
    arguments = REAL_SERVER if job_command is None else (_FAKE_SERVER, json.dumps(job_command))
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(functools.partial(session.register))
    await client.start_io(sys.executable, *arguments)
    cut_short = False
    try:
        session.initialized = await client.initialize_session(
            types.InitializeParams(
                capabilities or client_capabilities("visual-studio-code"),
                workspace_folders=[
                    types.WorkspaceFolder(folder.as_uri(), folder.name)
                    for folder in folders or [workspace]
                ],
                initialization_options={"trusted": True, "python": sys.executable} | options,
            )
        )
        yield session
    except asyncio.CancelledError:
        cut_short = True  # by a timeout, say: nobody reads the server's answers any more
        raise
    finally:
        if cut_short:
            session.server.kill()
        elif session.server.returncode is None:
            await client.shutdown_session()
        stop: Callable[[], Awaitable[None]] = client.stop  # which pytest-lsp leaves untyped
        await stop()


def store(workspace: Path, result: Result) -> None:
    """Make ``result`` the workspace's stored one, as a run before would have."""
    save_result(workspace, result)
