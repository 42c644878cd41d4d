"""Temporary folders that say whose they are, so that those of killed runs can be removed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """An empty folder of this process, gone when the context ends; those that ended processes left
    go first.

    Raises:
        OSError: there is no room for it.
    """
    remove_abandoned(prefix)
    with tempfile.TemporaryDirectory(prefix=owned(prefix, os.getpid())) as folder:
        yield Path(folder)


def owned(prefix: str, pid: int) -> str:
    """What the names of the folders of a process begin with. Machines and containers may share a
    folder for temporary files, and know nothing of each other's processes."""
    return f"{_of_machine(prefix)}{pid}-"


def _of_machine(prefix: str) -> str:
    return f"{prefix}{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}-"


def remove_abandoned(prefix: str) -> None:
    """Remove the folders of ``prefix`` whose processes, of this machine, have ended."""
    start = _of_machine(prefix)
    for folder in Path(tempfile.gettempdir()).glob(f"{start}*"):
        pid = folder.name.removeprefix(start).partition("-")[0]
        if pid.isdecimal() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's, or no process
    return True
