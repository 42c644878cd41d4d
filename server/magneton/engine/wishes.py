"""Puts a finding's cause into the terms of the rewrites: parsed files and ranges in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from magneton_agent.schema.location import Location
from magneton_agent.schema.reading import read_regular
from magneton_agent.schema.result import Finding

from ..analysis.diagnosis.movement import NOTE
from ..source.rewrites.module import SourceModule
from ..source.rewrites.wish import Place, Wish
from ..source.scan import UnreadableError
from ..source.targets import parse, target_file
from ..source.text import decode


class Sources:
    """The user's files, parsed once; ``files`` are their SHA-256 as measured. What is not in the
    workspace, not Python or not what was measured is not there."""

    def __init__(self, workspace: Path, files: Mapping[str, str]) -> None:
        self._workspace, self._files = workspace, files
        self._modules: dict[str, SourceModule | None] = {}

    def module(self, path: str) -> SourceModule | None:
        if path not in self._modules:
            self._modules[path] = self._parsed(path)
        return self._modules[path]

    def place(self, location: Location | None) -> Place | None:
        """A range of a file as it is, not of a revision."""
        if location is None or location.revision is not None:
            return None
        module = self.module(location.path)
        return Place(module, location) if module is not None else None

    def entry(self, target: str) -> tuple[SourceModule, str | None] | None:
        """The file that a target names, and the name in it."""
        parsed = parse(target)
        file = target_file(parsed, self._workspace)
        if file is None or parsed.revision is not None or not file.is_relative_to(self._workspace):
            return None
        module = self.module(file.relative_to(self._workspace).as_posix())
        return (module, parsed.name) if module is not None else None

    def _parsed(self, path: str) -> SourceModule | None:
        digest = self._files.get(path)
        if digest is None or PurePath(path).is_absolute():
            return None
        try:
            content = read_regular(self._workspace / path)
            if hashlib.sha256(content).hexdigest() != digest:
                return None
            return SourceModule(path, decode(content))
        except (OSError, UnicodeDecodeError, SyntaxError, UnreadableError):
            return None


Ranges = tuple[Location | None, Location | None]
"""What the wasteful and the efficient side run, whole: where a finding points at the costliest part
of that, a change has to be of all."""


def wish_of(
    finding: Finding, ranges: Ranges, target: str, own: Sources, other: Sources
) -> Wish | None:
    """What is to be changed on the wasteful side, whose ``target`` and files (``own``) these are;
    None for a finding without a cause."""
    cause = finding.cause
    if cause is None:
        return None
    return Wish(
        kind=cause.kind,
        name=cause.name,
        wasteful_value=cause.wasteful_value,
        efficient_value=cause.efficient_value,
        deciding=own.place(cause.location),
        wasteful=own.place(ranges[0]),
        efficient=other.place(ranges[1]),
        entry=own.entry(target),
        path=tuple(filter(None, map(own.place, reversed(finding.call_path)))),
        moves=tuple(filter(None, map(own.place, _moves(finding)))),
    )


def _moves(finding: Finding) -> Iterator[Location | None]:
    return (each.location for each in finding.evidence if each.kind == NOTE)
