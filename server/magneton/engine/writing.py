"""Puts the edits of a fix into the user's files."""

from __future__ import annotations

import hashlib
import io
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.reading import read_regular
from magneton_agent.schema.result import Edit, Fix

from ..source.edits import TextEdit, apply_edits
from ..source.text import decode
from .files import atomic_file


@dataclass(frozen=True)
class FileChange:
    """The file that results call ``name``, with the text that it has and is to have."""

    file: Path
    name: str
    before: str
    after: str


def changes_of(workspace: Path, fix: Fix, files: Mapping[str, str]) -> tuple[FileChange, ...]:
    """What ``fix`` makes of the files of ``workspace``; ``files`` are their SHA-256 as measured.

    Raises:
        MagnetonError: one is not in the workspace, or no longer what was measured.
    """
    names = dict.fromkeys(edit.location.path for edit in fix.edits)
    return tuple(_change(workspace, name, fix.edits, files) for name in names)


def write_changes(changes: Iterable[FileChange]) -> None:
    """Write every file whole or not at all, with its encoding, line ends and mode.

    Raises:
        MagnetonError: one could not be written, or changed meanwhile; those before it are written.
    """
    for change in changes:
        content = _content(change.file, change.name)
        if decode(content) != change.before:
            raise _changed(change.name)
        encoded = _encoded(change, content)
        with atomic_file(change.file) as file:
            file.write(encoded)


def _change(
    workspace: Path, name: str, edits: Iterable[Edit], files: Mapping[str, str]
) -> FileChange:
    outside = PurePath(name).is_absolute() or ".." in PurePath(name).parts
    if outside or name not in files:
        raise MagnetonError(
            f"{name} cannot be changed",
            "it is not among the files of the workspace that were measured",
            "change it by hand, as the finding's remedy says",
        )
    content = _content(workspace / name, name)
    if hashlib.sha256(content).hexdigest() != files[name]:
        raise _changed(name)
    text = decode(content)
    own = [
        TextEdit(edit.location.start, edit.location.end, edit.text)
        for edit in edits
        if edit.location.path == name
    ]
    try:
        return FileChange(workspace / name, name, text, apply_edits(text, own))
    except ValueError as error:
        raise MagnetonError(
            f"{name} cannot be changed",
            str(error),
            "compare again: the result does not fit the file that it says it was measured on",
        ) from error


def _encoded(change: FileChange, content: bytes) -> bytes:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    try:
        return change.after.encode(encoding)
    except UnicodeEncodeError as error:
        missing = change.after[error.start : error.end]
        raise MagnetonError(
            f"{change.name} cannot be changed",
            f"its encoding, {encoding}, has no way to write {missing!r}",
            "save it as UTF-8, and compare again",
        ) from error


def _content(file: Path, name: str) -> bytes:
    try:
        return read_regular(file)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MagnetonError(f"{name} could not be read", reason, "compare again") from error


def _changed(name: str) -> MagnetonError:
    return MagnetonError(
        f"{name} has changed since it was measured",
        "the fix was tried on another text than the one that is there now",
        "compare again with --fix",
    )
