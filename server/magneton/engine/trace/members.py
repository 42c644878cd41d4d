"""The zip that a trace is in.

A file is data of unknown origin: only the members that the format names are read, each within its
size, nothing is unpacked by a name that the file gives, and whatever is wrong is said as one error.
"""

from __future__ import annotations

import contextlib
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from magneton_agent.schema.codec import SchemaError
from magneton_agent.schema.errors import MagnetonError

from ..failures import not_kept
from .columns import ColumnError
from .format import Leaf

HEAD, COLUMNS, OUTPUTS = "trace.json", "columns/", "outputs/"
MOST_BYTES = 1 << 30  # of all that is read into memory
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression or a version that zipfile does not know
    RuntimeError,  # encrypted
    RecursionError,
    SchemaError,
    ColumnError,
    ValueError,  # JSON, UTF-8, an offset below 0
)


class Members:
    """The members of a trace's zip that the format knows; the file has ``size_bytes``.

    Raises:
        ColumnError: a member is missing, twice there, or of another size.
    """

    def __init__(self, archive: zipfile.ZipFile, size_bytes: int) -> None:
        self._archive = archive
        infos = archive.infolist()
        self._infos = {info.filename: info for info in infos}
        if len(infos) != len(self._infos):
            raise ColumnError("it holds a member twice")
        if sum(each.compress_size for each in infos) > size_bytes:
            raise ColumnError("its members overlap")
        kept = (each for each in infos if not each.filename.startswith(OUTPUTS))
        if sum(each.file_size for each in kept) > MOST_BYTES:
            raise ColumnError(f"it unpacks to more than {MOST_BYTES >> 20} MiB")

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        info = self._info(name, (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
        data = self._archive.read(info)
        if len(data) != info.file_size:
            raise ColumnError(f"{name} is cut")
        return data

    def check_output(self, number: int, leaf: Leaf) -> None:
        info = self._info(f"{OUTPUTS}{number}", (zipfile.ZIP_STORED,))
        if not info.file_size == info.compress_size == leaf.size_bytes:
            raise ColumnError(f"{info.filename} has not the size of {leaf.dtype} {leaf.shape}")

    def copy_output(self, number: int, target: Path) -> None:
        with self._archive.open(self._infos[f"{OUTPUTS}{number}"]) as source:
            try:
                with target.open("wb") as opened:
                    shutil.copyfileobj(source, opened)
            except OSError as error:
                raise not_kept(error) from error

    def _info(self, name: str, kinds: tuple[int, ...]) -> zipfile.ZipInfo:
        info = self._infos.get(name)
        if info is None:
            raise ColumnError(f"{name} is missing")
        if info.compress_type not in kinds:
            raise ColumnError(f"{name} is compressed in a way that the format does not know")
        return info


@contextlib.contextmanager
def reading(file: Path) -> Iterator[zipfile.ZipFile]:
    """``file`` as a zip.

    Raises:
        MagnetonError: it cannot be read, or what is read in the context is not as it must be.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except OSError as error:
        raise MagnetonError(
            f"{file} could not be read",
            (error.strerror or str(error)).lower(),
            "Name a trace file, as written by 'magneton trace A -o FILE'.",
        ) from error
    except _UNREADABLE as error:
        raise MagnetonError(
            f"{file} is not a trace that can be read",
            str(error) or type(error).__name__,
            "Trace the program again; a trace is always written whole, so the file was changed "
            "or cut after that, or is something else.",
        ) from error
