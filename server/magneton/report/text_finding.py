"""One finding as a compiler would print an error."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from magneton_agent.schema.location import Location
from magneton_agent.schema.result import Cause, Comparison, Finding, SideName

from . import figures, findings
from .paint import Paint, Role
from .text_source import SourceView

_ROLES: dict[str, Role] = {
    "waste": "waste",
    "performance": "performance",
    "trade-off": "trade-off",
}
_MOST_FRAMES = 5
_MOST_EVIDENCE = 12


@dataclass(frozen=True)
class FindingView:
    """Renders the findings of ``comparison``, None for one side alone; ``views`` quote each side's
    source."""

    comparison: Comparison | None
    views: Mapping[SideName, SourceView]
    paint: Paint
    width: int

    def lines(self, finding: Finding) -> list[str]:
        """Header, deciding line, figures, cause, remedy, then the other ranges as notes."""
        return [
            *self._header(finding),
            *self._primary(finding),
            *self._figures(finding),
            *self._cause(finding.cause),
            *self._facts(finding),
            *self._notes(finding),
        ]

    def _header(self, finding: Finding) -> list[str]:
        role = _ROLES.get(finding.class_, "note")
        title = self.paint(f"{finding.class_}[{finding.id}]", role)
        headline = findings.headline(finding)
        message = self._wrap(f"{finding.class_}[{finding.id}]: {headline}", "  ")
        message[0] = title + self.paint(
            message[0][len(f"{finding.class_}[{finding.id}]") :], "bold"
        )
        saving = findings.saving_text(finding, alone=self.comparison is None)
        return [*message, *self._wrap(f"  {saving}", "  ")]

    def _primary(self, finding: Finding) -> list[str]:
        location = findings.primary_location(finding)
        if location is None:
            return ["  --> no line of the workspace is on the call path"]
        view = self.views[finding.wasteful_side]
        return view.block(location, _ROLES.get(finding.class_, "note"))

    def _figures(self, finding: Finding) -> list[str]:
        lines: list[str] = []
        if self.comparison is None or not finding.regions:
            return lines
        for name in (finding.wasteful_side, findings.other_side(finding.wasteful_side)):
            energy = figures.sourced(findings.energy_j(self.comparison, finding, name), "J")
            duration = figures.interval(findings.duration_s(self.comparison, finding, name), "s")
            lines += self._fact(f"side {name}", f"{energy}; {duration}")
        return lines

    def _cause(self, cause: Cause | None) -> list[str]:
        if cause is None:
            return self._fact("cause", "not found")
        return self._fact("cause", cause_text(cause))

    def _facts(self, finding: Finding) -> list[str]:
        shown = finding.evidence[:_MOST_EVIDENCE]
        lines = [
            line for item in shown for line in self._fact("evidence", findings.evidence_text(item))
        ]
        if left_out := len(finding.evidence) - len(shown):
            lines += self._fact("evidence", f"… and {left_out} more, in the result file")
        for candidate in finding.candidates:
            lines += self._fact("ruled out", f"{candidate.name}: {candidate.rejected_because}")
        if finding.remedy:
            lines += self._fact("remedy", finding.remedy)
        if finding.fix:
            lines += self._fact("fix", findings.fix_text(finding.fix))
        return lines

    def _notes(self, finding: Finding) -> list[str]:
        lines: list[str] = []
        wasteful = finding.wasteful_side
        if finding.location and finding.location != findings.primary_location(finding):
            lines += self._note(f"side {wasteful} spends it here", wasteful, finding.location)
        if len(finding.call_path) > 1:
            lines += self._fact("through", call_path_text(finding.call_path))
        if finding.counterpart:
            other = findings.other_side(wasteful)
            lines += self._note(f"side {other} does the same here", other, finding.counterpart)
        return lines

    def _note(self, text: str, side: SideName, location: Location) -> list[str]:
        return [f"{self.paint('note', 'note')}: {text}", *self.views[side].block(location, "note")]

    def _fact(self, label: str, text: str) -> list[str]:
        lead = f"  = {label}: "
        first, *rest = self._wrap(lead + text, "      ")
        return [f"  {self.paint(f'= {label}:', 'bold')}{first[len(lead) - 1 :]}", *rest]

    def _wrap(self, text: str, indent: str) -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def cause_text(cause: Cause) -> str:
    """``argument activation: 'gelu_new' here, 'tanh' on the efficient side``, and how sure."""
    if cause.kind == "redundant":
        return f"{cause.name}: {cause.wasteful_value} here, {cause.efficient_value} is enough"
    sure = "confirmed by a run with it flipped"
    if not cause.confirmed:
        sure = "not confirmed by flipping it"
    return (
        f"{cause.kind} {cause.name}: {cause.wasteful_value} here, "
        f"{cause.efficient_value} on the efficient side ({sure})"
    )


def call_path_text(call_path: tuple[Location, ...]) -> str:
    """``a.py:2 > activations.py:61``: file names and lines, the middle of long paths left out."""
    frames = [f"{PurePath(frame.path).name}:{frame.start.line}" for frame in call_path]
    if len(frames) > _MOST_FRAMES:
        frames[_MOST_FRAMES - 1 : -1] = ["…"]
    return " > ".join(frames)
