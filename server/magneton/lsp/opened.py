"""A result that is shown in a workspace: its marks, and the texts that they were measured on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from magneton.engine.store import Result
from magneton.report.findings import headline, primary_location, saving_text
from magneton.report.printable import printable
from magneton.source.targets import parse, target_file
from magneton.source.text import read_lines
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Class, Comparison, Finding, Side, SideName

from .versions import Lines, Versions

_SILENT: frozenset[Class] = frozenset({"equal"})


@dataclass(frozen=True)
class Mark:
    """Something to show on a range of a measured file. ``finding`` is None for a remark on the
    whole comparison; ``location`` is as measured."""

    file: Path
    location: Location
    class_: Class
    message: str
    finding: Finding | None


@dataclass(frozen=True)
class Opened:
    """``texts`` holds the lines, as measured, of every file that a range lies in. A file of the
    workspace of which the measured version is not at hand is left out, and so are its marks."""

    workspace: Path
    result: Result
    path: Path | None
    texts: Mapping[Path, Lines]
    marks: tuple[Mark, ...]

    @property
    def sides(self) -> Mapping[SideName, Side]:
        if isinstance(self.result, Measurement):
            return {"a": self.result.side}
        return {"a": self.result.sides.a, "b": self.result.sides.b}

    @property
    def changed_files(self) -> tuple[str, ...]:
        """Files of the workspace, as the result names them, that are not what was measured."""
        paths = {path for side in self.sides.values() for path in side.files}
        return tuple(sorted(p for p in paths if _file(self.workspace, p) not in self.texts))

    def file(self, location: Location) -> Path | None:
        """The file of ``location``; None where its lines are another revision's."""
        return None if location.revision else _file(self.workspace, location.path)


def open_result(workspace: Path, result: Result, path: Path | None, versions: Versions) -> Opened:
    """``result`` held against the files of ``workspace``. Blocking; reads, runs nothing."""
    bare = Opened(workspace, result, path, {}, ())
    texts = dict(_measured_texts(bare, versions))
    texts |= _library_texts(result, texts)
    known = Opened(workspace, result, path, texts, ())
    marks = (*_finding_marks(known), *_difference_marks(known))
    return Opened(workspace, result, path, texts, tuple(m for m in marks if _fits(m, texts)))


def target_function(workspace: Path, target: str) -> tuple[Path, str] | None:
    """The file and function that ``target`` names, where that can be told from the workspace."""
    try:
        parsed = parse(target)
    except MagnetonError:
        return None
    file = target_file(parsed, workspace)
    if file is None or parsed.name is None or parsed.revision is not None:
        return None
    return file, parsed.name


def _measured_texts(opened: Opened, versions: Versions) -> Iterator[tuple[Path, Lines]]:
    for side in opened.sides.values():
        for path, digest in side.files.items() if side.revision is None else ():
            file = _file(opened.workspace, path)
            lines = versions.lines(file, digest) if file is not None else None
            if file is not None and lines is not None:
                yield file, lines


def _library_texts(result: Result, known: Mapping[Path, Lines]) -> dict[Path, Lines]:
    paths = {
        Path(location.path)
        for finding in result.findings
        for location in _locations(finding)
        if Path(location.path).is_absolute()
    }
    # A result file may name anything: only ordinary Python files are read.
    readable = (path for path in paths - known.keys() if path.suffix == ".py" and path.is_file())
    return {path: lines for path in readable if (lines := read_lines(path)) is not None}


def _locations(finding: Finding) -> Iterable[Location]:
    single = (finding.location, finding.counterpart, finding.cause and finding.cause.location)
    return (*(location for location in single if location), *finding.call_path)


def _finding_marks(opened: Opened) -> Iterator[Mark]:
    alone = isinstance(opened.result, Measurement)
    for finding in opened.result.findings:
        location = primary_location(finding)
        file = opened.file(location) if location is not None else None
        if location is None or file is None or finding.class_ in _SILENT:
            continue
        message = f"{headline(finding)}: {saving_text(finding, alone)}"
        yield Mark(file, location, finding.class_, printable(message), finding)


def _difference_marks(opened: Opened) -> Iterator[Mark]:
    """Outputs that differ are nobody's line: they are told at the names of the two targets."""
    comparison = opened.result
    if not isinstance(comparison, Comparison) or comparison.verdict != "different":
        return
    what = comparison.outputs.first_difference or "no output in common"
    message = f"the two sides do not compute the same, so nothing is called waste: {what}"
    for side in opened.sides.values():
        location = _target_location(opened, side.target)
        file = opened.file(location) if location is not None else None
        if location is not None and file is not None:
            yield Mark(file, location, "different", printable(message), None)


def _target_location(opened: Opened, target: str) -> Location | None:
    from magneton.source import scan  # libcst is slow to import, and seldom needed here

    found = target_function(opened.workspace, target)
    if found is None or found[0] not in opened.texts:
        return None
    file, name = found
    try:
        function = scan.outline("\n".join(opened.texts[file])).functions.get(name)
    except scan.UnreadableError:
        return None
    if function is None:
        return None
    start = Position(function.line, function.column)
    end = Position(function.line, function.column + len(name))
    return Location(file.relative_to(opened.workspace).as_posix(), None, start, end)


def _file(workspace: Path, path: str) -> Path | None:
    """The file that ``path`` of a result names; None for one that leads out of the workspace."""
    if Path(path).is_absolute():
        return Path(path)
    return workspace / path if ".." not in Path(path).parts else None


def _fits(mark: Mark, texts: Mapping[Path, Lines]) -> bool:
    lines = texts.get(mark.file)
    return lines is not None and 1 <= mark.location.start.line <= mark.location.end.line <= len(
        lines
    )
