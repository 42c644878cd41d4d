"""Trace files: a zip of ``trace.json``, columns of numbers, and the outputs as raw bytes."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from magneton_agent.schema.codec import from_json, to_json
from magneton_agent.schema.errors import MagnetonError

from ...source.positions import Locator
from .. import collector
from ..files import atomic_file
from ..side import Taken
from .columns import FLOATS, ColumnError, ColumnReader, ColumnWriter
from .format import ITEM_BYTES, SCHEMA, Blocks, Header, Leaf, Trace
from .members import COLUMNS, HEAD, MOST_BYTES, OUTPUTS, Members, reading
from .places import Places, TracedLocator, read_places, write_places
from .recording import RecordingReader, settings_of, write_recording
from .timings import read_timings, write_timings

SUFFIX = ".magneton-trace"
_MAGIC = b"PK\x03\x04"


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
        MagnetonError: it could not be written, or is larger than a trace may be, or an output
            has a dtype that a trace cannot hold.
    """
    _check_outputs(trace.outputs)
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
        archive.writestr(HEAD, head)
        # Floats hardly shrink, and of outputs a reader can trust the size only where it is stored.
        for name, data in columns.members.items():
            kind = zipfile.ZIP_STORED if name.endswith(FLOATS) else zipfile.ZIP_DEFLATED
            archive.writestr(COLUMNS + name, data, kind)
        for number in range(len(trace.outputs)):
            archive.write(outputs / str(number), f"{OUTPUTS}{number}", zipfile.ZIP_STORED)


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


def _check_outputs(outputs: Sequence[Leaf]) -> None:
    for leaf in outputs:
        if leaf.dtype not in ITEM_BYTES:
            raise MagnetonError(
                f"{leaf.name} cannot be kept in a trace",
                f"the size of an element of {leaf.dtype} is not known to it",
                "Let the step return it in another dtype.",
            )


def _check_size(file: Path, size_bytes: int) -> None:
    if size_bytes > MOST_BYTES:
        raise MagnetonError(
            f"{file} was not written: the trace is larger than {MOST_BYTES >> 20} MiB",
            "the step has too many operators for so many timed steps",
            "Trace a shorter step, or give it a smaller --time-budget.",
        )


def read_trace(file: Path, workspace: Path) -> StoredTrace:
    """The trace in ``file``, its user's files taken to be in ``workspace``.

    Raises:
        MagnetonError: there is no such file, or it is no trace that this version reads.
    """
    with reading(file) as archive, collector.paused():
        members = Members(archive, file.stat().st_size)
        header = _read_header(file, members.read(HEAD))
        columns = ColumnReader(lambda name: members.read(COLUMNS + name), header.strings)
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
    with reading(stored.file) as archive:
        members = Members(archive, stored.file.stat().st_size)
        for number, leaf in enumerate(stored.trace.outputs):
            members.check_output(number, leaf)
            members.copy_output(number, folder / str(number))


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
        raise ColumnError(f"{HEAD} does not say that it is a trace")
    header = from_json(Header, head)
    header.check()
    return header


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
