"""Trace files: a zip of ``trace.json``, columns of numbers, and the outputs as raw bytes.

A file is data of unknown origin: only the members that the format names are read, each within its
size, nothing is unpacked by a name that the file gives, and every index is checked.
"""

from __future__ import annotations

import contextlib
import gc
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from magneton_agent.schema.codec import SchemaError, from_json, to_json
from magneton_agent.schema.errors import MagnetonError

from ...source.positions import Locator
from ..failures import not_kept
from ..files import atomic_file
from ..side import Taken
from .columns import ColumnError, ColumnReader, ColumnWriter
from .format import SCHEMA, Blocks, Header, Leaf, Trace
from .places import Places, TracedLocator, read_places, write_places
from .recording import RecordingReader, settings_of, write_recording
from .timings import read_timings, write_timings

SUFFIX = ".magneton-trace"
_HEAD, _COLUMNS, _OUTPUTS = "trace.json", "columns/", "outputs/"
_MOST_BYTES = 1 << 30  # of all that is read into memory
_MAGIC = b"PK\x03\x04"
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


@dataclass(frozen=True)
class StoredTrace:
    """A trace in ``file``, with where its operators stand."""

    file: Path
    trace: Trace
    places: Places
    locator: Locator


def is_trace(target: str, workspace: Path) -> bool:
    """Whether ``target`` names a trace file: by its suffix, or because it is a zip."""
    file = workspace / target
    if target.endswith(SUFFIX):
        return True
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except (OSError, ValueError):  # it is no path at all: a module
        return False


def write_trace(file: Path, trace: Trace, outputs: Path, locator: Locator) -> None:
    """Write ``trace`` to ``file``, whole or not at all.

    ``outputs`` is the folder that holds its outputs' bytes by number, ``locator`` knows the
    sources that ran.

    Raises:
        MagnetonError: it could not be written, or is larger than a trace may be.
    """
    columns = ColumnWriter()
    write_places(columns, trace.recording.frames, locator)
    write_recording(columns, trace.recording, trace.loaded.parameters)
    first = write_timings(columns, "first", trace.first)
    second = write_timings(columns, "second", trace.second) if trace.second is not None else None
    head = json.dumps(to_json(_header(trace, first, second, columns)), allow_nan=False).encode()
    _check_size(file, len(head) + sum(map(len, columns.members.values())))
    with (
        atomic_file(file) as opened,
        zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr(_HEAD, head)
        for name, data in columns.members.items():
            archive.writestr(_COLUMNS + name, data)
        for number in range(len(trace.outputs)):
            # Not deflated: floats hardly shrink, and a reader can trust their size.
            archive.write(outputs / str(number), f"{_OUTPUTS}{number}", zipfile.ZIP_STORED)


def _header(trace: Trace, first: Blocks, second: Blocks | None, columns: ColumnWriter) -> Header:
    return Header(
        target=trace.target,
        created=trace.created,
        magneton_version=trace.magneton_version,
        one_shot=trace.one_shot,
        loaded=replace(trace.loaded, parameters=()),
        checked=trace.checked,
        recording=settings_of(trace.recording),
        samples=trace.first.samples,
        warnings=trace.first.warnings,
        first=first,
        second=second,
        outputs=trace.outputs,
        strings=columns.strings.items,
    )


def _check_size(file: Path, size_bytes: int) -> None:
    if size_bytes > _MOST_BYTES:
        raise MagnetonError(
            f"{file} was not written: the trace is larger than {_MOST_BYTES >> 20} MiB",
            "the step has too many operators for so many timed steps",
            "Trace a shorter step, or give it a smaller --time-budget.",
        )


def read_trace(file: Path, workspace: Path) -> StoredTrace:
    """The trace in ``file``, its user's files taken to be in ``workspace``.

    Raises:
        MagnetonError: there is no such file, or it is no trace that this version reads.
    """
    with _reading(file) as archive, _without_collector():
        members = _Members(archive, file.stat().st_size)
        header = _read_header(file, members.read(_HEAD))
        columns = ColumnReader(lambda name: members.read(_COLUMNS + name), header.strings)
        places = read_places(columns, workspace)
        reader = RecordingReader(columns)
        recording = reader.recording(header.recording, places)
        operators = len(recording.operators)
        for number, leaf in enumerate(header.outputs):
            members.check_output(number, leaf)
        trace = Trace(
            target=header.target,
            created=header.created,
            magneton_version=header.magneton_version,
            one_shot=header.one_shot,
            loaded=replace(header.loaded, parameters=reader.parameters()),
            checked=header.checked,
            recording=recording,
            first=Taken(
                header.created,
                header.samples,
                read_timings(columns, "first", header.first, operators),
                header.warnings,
                header.first.dropped,
            ),
            second=_second(header, columns, operators),
            outputs=header.outputs,
        )
    return StoredTrace(file, trace, places, TracedLocator(workspace, places, trace.loaded.files))


def _second(header: Header, columns: ColumnReader, operators: int) -> Taken | None:
    if header.second is None:
        return None
    blocks = read_timings(columns, "second", header.second, operators)
    return Taken(header.created, (), blocks, (), header.second.dropped)


def copy_outputs(stored: StoredTrace, folder: Path) -> None:
    """Put the bytes of every output into ``folder``, by number.

    Raises:
        MagnetonError: the trace is damaged, or there is no room.
    """
    with _reading(stored.file) as archive:
        members = _Members(archive, stored.file.stat().st_size)
        for number, leaf in enumerate(stored.trace.outputs):
            members.check_output(number, leaf)
            members.copy_output(number, folder / str(number))


class _Members:
    """The members of a trace's zip that the format knows."""

    def __init__(self, archive: zipfile.ZipFile, size_bytes: int) -> None:
        self._archive = archive
        infos = archive.infolist()
        self._infos = {info.filename: info for info in infos}
        if len(infos) != len(self._infos):
            raise ColumnError("it holds a member twice")
        if sum(each.compress_size for each in infos) > size_bytes:
            raise ColumnError("its members overlap")
        kept = (each for each in infos if not each.filename.startswith(_OUTPUTS))
        if sum(each.file_size for each in kept) > _MOST_BYTES:
            raise ColumnError(f"it unpacks to more than {_MOST_BYTES >> 20} MiB")

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        info = self._info(name, (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
        data = self._archive.read(info)
        if len(data) != info.file_size:
            raise ColumnError(f"{name} is cut")
        return data

    def check_output(self, number: int, leaf: Leaf) -> None:
        info = self._info(f"{_OUTPUTS}{number}", (zipfile.ZIP_STORED,))
        if not info.file_size == info.compress_size == leaf.size_bytes:
            raise ColumnError(f"{info.filename} has not the size of {leaf.dtype} {leaf.shape}")

    def copy_output(self, number: int, target: Path) -> None:
        with self._archive.open(self._infos[f"{_OUTPUTS}{number}"]) as source:
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
def _reading(file: Path) -> Iterator[zipfile.ZipFile]:
    """``file`` as a zip; whatever is wrong with it is said as one error."""
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


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of objects, none of them garbage: looking for it takes longer than
    building them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read_header(file: Path, data: bytes) -> Header:
    head = json.loads(data, parse_constant=_refuse_constant)
    schema = head.get("schema") if isinstance(head, dict) else None
    if schema != SCHEMA and re.fullmatch(r"magneton\.trace/\d+", str(schema)):
        raise MagnetonError(
            f"{file} cannot be read by this version of Magneton",
            f"its format is {schema}; this version reads {SCHEMA}",
            "Update Magneton, or trace the program again with this version.",
        )
    if schema != SCHEMA:
        raise ColumnError(f"{_HEAD} does not say that it is a trace")
    return from_json(Header, head)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
