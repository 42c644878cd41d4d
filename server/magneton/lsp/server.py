"""The server's state. Features (``features/``) add what it does; none of them blocks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from magneton import __version__
from magneton.engine.queue import JobQueue, JobStatus
from magneton.source.text import read_lines, split_lines

from .board import Board
from .settings import Settings
from .texts import unlinked
from .versions import Lines, Versions


class MagnetonServer(LanguageServer):
    """``settings`` come with initialization, ``board`` holds what is shown, ``queue`` what runs.

    ``published`` is what the client shows of each file. Features that follow jobs append to
    ``job_listeners``. ``job_command`` replaces, in tests, the command that starts a job.
    """

    def __init__(self, job_command: Sequence[str] | None = None) -> None:
        super().__init__("magneton", __version__)
        self.settings = Settings()
        self.board = Board()
        self.versions = Versions()
        self.published: dict[Path, list[types.Diagnostic]] = {}
        self.job_listeners: list[Callable[[JobStatus], None]] = []
        self.queue = JobQueue(self._tell_listeners, job_command)

    def folders(self) -> list[Path]:
        """The workspace folders on disk, in the client's order."""
        uris = [folder.uri for folder in self.workspace.folders.values()]
        paths = [file_of(uri) for uri in uris or [self.workspace.root_uri or ""]]
        return [path for path in paths if path is not None]

    def folder_of(self, file: Path) -> Path | None:
        """The first workspace folder that contains ``file``."""
        return next((each for each in self.folders() if file.is_relative_to(each)), None)

    def folder_at(self, uri: str | None) -> Path | None:
        """The workspace folder of the file behind ``uri``, where there is one."""
        file = file_of(uri) if uri is not None else None
        return self.folder_of(file) if file is not None else None

    def document(self, file: Path) -> TextDocument | None:
        """The document that the client has open for ``file``."""
        documents: Mapping[str, TextDocument] = self.workspace.text_documents
        return documents.get(unquote(from_fs_path(str(file)) or ""))

    def current_lines(self, file: Path) -> Lines | None:
        """The text of ``file`` as the client has it open, else as it is on disk."""
        document = self.document(file)
        return split_lines(document.source) if document is not None else read_lines(file)

    def uri_of(self, file: Path) -> str:
        """The URI of ``file``, spelled as the client spells it where it has the file open."""
        document = self.document(file)
        return document.uri if document is not None else file.as_uri()

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        """Show a notification, in which nothing can be clicked: it may quote anyone's file."""
        super().window_show_message(types.ShowMessageParams(params.type, unlinked(params.message)))

    def _tell_listeners(self, status: JobStatus) -> None:
        for listener in self.job_listeners:
            listener(status)


def file_of(uri: str) -> Path | None:
    """The file behind ``uri``; None for what is not a file (unsaved text, a notebook cell)."""
    path = to_fs_path(uri)
    return Path(path) if path else None
