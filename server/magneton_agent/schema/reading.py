"""Reading files that others name: a result, a repository or a program may name anything."""

from __future__ import annotations

import errno
import os
import stat

MOST_SOURCE_BYTES = 16 << 20
MOST_RESULT_BYTES = 256 << 20


def read_regular(path: str | os.PathLike[str], most_bytes: int = MOST_SOURCE_BYTES) -> bytes:
    """The content of the file at ``path``.

    Raises:
        OSError: it cannot be read, is not a regular file (links are followed) or is larger than
            ``most_bytes``.
    """
    try:
        about = os.stat(path)
    except ValueError as error:  # a null character
        raise OSError(errno.EINVAL, "It is not a path", os.fspath(path)) from error
    if not stat.S_ISREG(about.st_mode):  # a device may never end, a pipe may never begin
        raise OSError(errno.EINVAL, "It is not a regular file", os.fspath(path))
    if about.st_size > most_bytes:
        text = f"It is larger than {most_bytes >> 20} MiB"
        raise OSError(errno.EFBIG, text, os.fspath(path))
    with open(path, "rb") as file:
        return file.read(about.st_size)  # files of the kernel say 0, and some of them never end
