"""Looks at values inside one step, in the functions where two programs part."""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

from .calls import CallLog
from .schema.messages import Probe, Probed, Site, Visit
from .step import Step, Steps

_MOST_VISITS = 32
_MOST_LINES = 5000


def probe(log: CallLog, request: Probe) -> Steps[Probed]:
    """Run one step, visiting the request's sites."""
    visiting = _Visiting(log, request.sites)
    yield visiting.run
    return Probed(tuple(tuple(visits) for visits in visiting.visits))


class _Visiting:
    """Notes the calls of one step, and traces the lines of the functions that hold a site."""

    def __init__(self, log: CallLog, sites: tuple[Site, ...]) -> None:
        self._log = log
        self._sites: dict[tuple[str, int, str], list[tuple[int, int]]] = {}
        for number, site in enumerate(sites):
            key = (site.path, site.first_line, site.function)
            self._sites.setdefault(key, []).append((number, site.line))
        self.visits: list[list[Visit]] = [[] for _ in sites]
        self._lines: dict[FrameType, list[int]] = {}
        self._seen: set[tuple[int, FrameType]] = set()

    def run(self, step: Step) -> object:
        previous = sys.gettrace()
        with self._log.watching():
            sys.settrace(self._enter)
            try:
                return step()
            finally:
                sys.settrace(previous)
                self._lines.clear()
                self._seen.clear()

    def _enter(self, frame: FrameType, event: str, argument: object) -> Any:
        return self._line if self._wanted(frame.f_code) else None

    def _wanted(self, code: CodeType) -> list[tuple[int, int]]:
        return self._sites.get((code.co_filename, code.co_firstlineno, code.co_qualname), [])

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        if event != "line":
            return self._line
        lines = self._lines.setdefault(frame, [])
        lines.append(frame.f_lineno)
        for number, line in self._wanted(frame.f_code):
            visits, key = self.visits[number], (number, frame)
            if line == frame.f_lineno and key not in self._seen and len(visits) < _MOST_VISITS:
                self._seen.add(key)
                visits.append(Visit(self._log.within(frame), tuple(lines[:_MOST_LINES])))
        return self._line
