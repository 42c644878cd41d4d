"""Findings as diagnostics, pushed on their exact ranges and kept there through edits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types

import magneton
from magneton.report.findings import other_side
from magneton.source.text import read_lines
from magneton_agent.schema.location import Location

from ..board import Placed
from ..positions import to_client_range
from ..server import MagnetonServer
from ..versions import Lines

SOURCE = "magneton"
OLDER = "Measured on an older version of this file."
_GRAVEST_FIRST = ("waste", "performance", "trade-off", "different", "unresolved")
_DOCUMENTATION = Path(magneton.__file__).parents[2] / "docs" / "results.md"


async def refresh_all(server: MagnetonServer) -> None:
    """Publish anew for every file that has marks, and empty those that had some."""
    for file in server.board.marked_files() | server.published.keys():
        await refresh(server, file)


async def refresh(server: MagnetonServer, file: Path) -> None:
    """Publish anew for ``file``, which need not be open."""
    if server.document(file) is None:
        lines = await asyncio.to_thread(read_lines, file)
        if server.document(file) is None:
            _publish(server, file, lines or ())
            return
    refresh_open(server, file)


def refresh_open(server: MagnetonServer, file: Path) -> None:
    """Publish anew for ``file``, whose text the client has sent."""
    _publish(server, file, server.current_lines(file) or ())


def _publish(server: MagnetonServer, file: Path, lines: Lines) -> None:
    diagnostics = list(_diagnostics(server, server.board.placed(file, lines), lines))
    if diagnostics == server.published.get(file, []):
        return
    server.published[file] = diagnostics
    document = server.document(file)
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(
            server.uri_of(file), diagnostics, document.version if document else None
        )
    )
    if not diagnostics:
        del server.published[file]


def _diagnostics(
    server: MagnetonServer, placed: list[Placed], lines: Lines
) -> Iterator[types.Diagnostic]:
    """One for each range, in the file's order; several findings on one range share it."""
    ranges = sorted({(mark.start, mark.end) for mark in placed})
    for start, end in ranges:
        here = [mark for mark in placed if (mark.start, mark.end) == (start, end)]
        here.sort(key=lambda mark: _GRAVEST_FIRST.index(mark.mark.class_))
        code = f"{SOURCE}-{here[0].mark.class_}"
        messages = list(dict.fromkeys(_capital(mark.mark.message) for mark in here))
        yield types.Diagnostic(
            range=to_client_range(server.workspace.position_codec, lines, start, end),
            severity=server.settings.severity_of(here[0].mark.class_),
            source=SOURCE,
            code=code,
            code_description=_code_description(code),
            message="\n".join([*messages, OLDER] if here[0].older else messages),
            related_information=[related for mark in here for related in _related(server, mark)],
        )


def _related(
    server: MagnetonServer, placed: Placed
) -> Iterator[types.DiagnosticRelatedInformation]:
    """Where the energy is spent, the way there, and the other side; each range once."""
    finding = placed.mark.finding
    if finding is None:
        return
    seen = {placed.mark.location}
    wanted = [(finding.location, f"side {finding.wasteful_side} spends it here")]
    # VS Code lists these above the hover: all frames would push the figures out of sight.
    wanted += [(frame, "down to this call") for frame in finding.call_path[-1:]]
    other = other_side(finding.wasteful_side)
    wanted.append((finding.counterpart, f"side {other} does the same here"))
    for location, message in wanted:
        if location is None or location in seen:
            continue
        seen.add(location)
        if (where := _client_location(server, placed, location)) is not None:
            yield types.DiagnosticRelatedInformation(where, message)


def _client_location(
    server: MagnetonServer, placed: Placed, location: Location
) -> types.Location | None:
    """``location`` in the client's terms; None where its lines are not what was measured."""
    file = placed.opened.file(location)
    if file is None:
        return None
    document = server.document(file)
    known = placed.opened.texts.get(file, ())
    lines = server.current_lines(file) if document is not None else known
    span = server.board.follow(placed.opened, file, location, lines or ())
    if span is None:
        return None
    codec = server.workspace.position_codec
    return types.Location(server.uri_of(file), to_client_range(codec, lines or (), *span))


def _code_description(code: str) -> types.CodeDescription | None:
    if not _DOCUMENTATION.is_file():
        return None
    return types.CodeDescription(f"{_DOCUMENTATION.as_uri()}#{code}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
