"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from magneton_agent.schema.errors import MagnetonError


def write_atomically(path: Path, text: str, follow: bool = True) -> None:
    """Put ``text`` in ``path``; a reader sees the old file or the new one, never a part.

    The encoding is UTF-8, with ``?`` for halves of surrogate pairs. Where ``path`` is a symbolic
    link, the file that it leads to is written, or with ``follow`` False the link is replaced.

    Raises:
        MagnetonError: it could not be written; a file that was there is intact.
    """
    with atomic_file(path, follow) as file:
        file.write(text.encode("utf-8", "replace"))


@contextlib.contextmanager
def atomic_file(path: Path, follow: bool = True) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path``, and its mode, when the context ends without an
    error; ``follow`` as for :func:`write_atomically`.

    Raises:
        MagnetonError: it could not be written; a file that was there is intact.
    """
    target = path.resolve() if follow else path.absolute()
    exists = target.exists() and not target.is_symlink()
    if exists and not target.is_file():
        raise MagnetonError(
            f"{path} is not a regular file",
            "a result is written beside its place first and then moved there",
            "Name a file; for standard output use '-' where the command offers it.",
        )
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            if exists:
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())  # a full disk may only show here
        temporary.replace(target)
    except OSError as error:
        raise _could_not_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _could_not_write(path: Path, error: OSError) -> MagnetonError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "Free some space, or name a file on another disk."
    elif isinstance(error, FileNotFoundError):
        remedy = f"Create the folder {path.parent} first."
    else:
        remedy = "Name a file in a folder that you may write to."
    return MagnetonError(
        f"{path} could not be written", (error.strerror or str(error)).lower(), remedy
    )
