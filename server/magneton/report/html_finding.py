"""One finding of the HTML report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from magneton_agent.schema.location import Location
from magneton_agent.schema.result import Comparison, Finding, SideName

from . import figures, findings
from .excerpt import MarkedLine, Sources
from .html_instances import instances_of
from .markup import Markup, join, tag
from .text_finding import call_path_text, cause_text

_MOST_EVIDENCE = 12


@dataclass(frozen=True)
class FindingPage:
    """Renders the findings of ``comparison``, None for one side alone; ``sources`` quote each
    side."""

    comparison: Comparison | None
    sources: Mapping[SideName, Sources]

    def article(self, finding: Finding) -> Markup:
        """Header, saving, deciding line, facts, then the other ranges."""
        return tag(
            "article",
            tag("h3", tag("span", finding.class_, class_=finding.class_), f": {finding.message}"),
            tag("p", findings.saving_text(finding, alone=self.comparison is None)),
            self._source(finding.wasteful_side, findings.primary_location(finding)),
            self._facts(finding),
            instances_of(self.comparison, finding),
            *self._notes(finding),
            id=finding.id,
        )

    def _facts(self, finding: Finding) -> Markup:
        wasteful = finding.wasteful_side
        sides = (wasteful, findings.other_side(wasteful)) if finding.regions else ()
        facts = [fact for name in sides for fact in self._spent(finding, name)]
        facts.append(("cause", cause_text(finding.cause) if finding.cause else "not found"))
        facts += [
            ("evidence", findings.evidence_text(item)) for item in finding.evidence[:_MOST_EVIDENCE]
        ]
        if (left_out := len(finding.evidence) - _MOST_EVIDENCE) > 0:
            facts.append(("evidence", f"… and {left_out} more, in the result file"))
        facts += [("ruled out", f"{c.name}: {c.rejected_because}") for c in finding.candidates]
        if finding.remedy:
            facts.append(("remedy", finding.remedy))
        if finding.fix:
            facts.append(("fix", findings.fix_text(finding.fix)))
        if len(finding.call_path) > 1:
            facts.append(("through", call_path_text(finding.call_path)))
        return tag("dl", *(join(tag("dt", label), tag("dd", text)) for label, text in facts))

    def _spent(self, finding: Finding, name: SideName) -> list[tuple[str, str]]:
        if self.comparison is None:
            return []
        energy = figures.sourced(findings.energy_j(self.comparison, finding, name), "J")
        duration = figures.interval(findings.duration_s(self.comparison, finding, name), "s")
        return [(f"side {name}", f"{energy}; {duration}")]

    def _notes(self, finding: Finding) -> list[Markup]:
        wasteful, notes = finding.wasteful_side, []
        if finding.location and finding.location != findings.primary_location(finding):
            notes += [tag("p", f"Side {wasteful} spends it here:")]
            notes += [self._source(wasteful, finding.location)]
        if finding.counterpart:
            other = findings.other_side(wasteful)
            notes += [tag("p", f"Side {other} does the same here:")]
            notes += [self._source(other, finding.counterpart)]
        return notes

    def _source(self, side: SideName, location: Location | None) -> Markup:
        if location is None:
            return tag("p", "No line of the workspace is on the call path.", class_="quiet")
        excerpt = self.sources[side].excerpt(location)
        missing = f" ({excerpt.missing})" if excerpt.missing else ""
        head = tag("code", findings.place(location) + missing, class_="quiet")
        lines = join(*(_line(line) for line in excerpt.lines))
        return tag("div", head, tag("pre", lines) if excerpt.lines else "", class_="source")


def _line(line: MarkedLine) -> Markup:
    if line.number is None:
        return join("…\n")
    number = tag("span", f"{line.number:>4}  ", class_="number")
    return join(number, line.before, tag("mark", line.marked), line.after, "\n")
