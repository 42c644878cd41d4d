"""Above each function that can be a target: what can be run, or what the last run found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from magneton_agent.schema.location import Position

from ..opened import Opened, target_function
from ..positions import to_client_range
from ..server import MagnetonServer, file_of
from ..summary import summary
from ..versions import Lines


@dataclass(frozen=True)
class TargetFunction:
    """A top-level function and the range of its name."""

    name: str
    start: Position
    end: Position
    needs_nothing: bool
    imports_torch: bool


def register(server: MagnetonServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        file = file_of(uri)
        lines = server.current_lines(file) if file is not None else None
        if file is None or lines is None:
            return []
        results = _results(server, file)
        if not results and not any("torch" in line for line in lines):
            return []  # without parsing: most files are like this
        functions = await asyncio.to_thread(target_functions, lines)
        codec = server.workspace.position_codec
        return [
            types.CodeLens(to_client_range(codec, lines, function.start, function.end), command)
            for function in functions
            for command in _commands(server, file, lines, function, results.get(function.name))
        ]


def target_functions(lines: Lines) -> tuple[TargetFunction, ...]:
    """The functions at the top level; none while the text cannot be parsed. Blocking."""
    from magneton.source import scan  # libcst is slow to import: not before it is needed

    try:
        outline = scan.outline("\n".join(lines))
    except scan.UnreadableError:
        return ()
    callable_ = outline.callable_functions()
    return tuple(
        TargetFunction(
            function.name,
            Position(function.line, function.column),
            Position(function.line, function.column + len(function.name)),
            needs_nothing=function in callable_,
            imports_torch=outline.imports_torch,
        )
        for function in outline.functions.values()
    )


def script_of(server: MagnetonServer, file: Path) -> str:
    """How ``file`` as a whole is named as a target: relative to its workspace folder, if any."""
    folder = server.folder_of(file)
    return (file.relative_to(folder) if folder is not None else file).as_posix()


def _results(server: MagnetonServer, file: Path) -> Mapping[str, Opened]:
    """The results that are shown of functions of ``file``, by the function's name."""
    found = {}
    for opened in server.board.all():
        for side in opened.sides.values():
            function = target_function(opened.workspace, side.target)
            if function is not None and function[0] == file:
                found[function[1]] = opened
    return found


def _commands(
    server: MagnetonServer,
    file: Path,
    lines: Lines,
    function: TargetFunction,
    opened: Opened | None,
) -> Iterator[types.Command]:
    if opened is not None:
        older = "" if opened.texts.get(file) == lines else " · measured on an older version"
        whose = {"workspace": str(opened.workspace)}
        yield types.Command(
            summary(opened.result) + older, "magneton.showReport", arguments=[whose]
        )
    elif function.needs_nothing and function.imports_torch and server.settings.trusted:
        target = {
            "target": f"{script_of(server, file)}:{function.name}",
            "uri": server.uri_of(file),
        }
        yield types.Command("Compare energy…", "magneton.compareFrom", arguments=[target])
        yield types.Command("Measure energy", "magneton.measureFrom", arguments=[target])
