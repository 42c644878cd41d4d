"""A result as GitHub workflow commands: an annotation a finding, and one line of the verdict.

GitHub shows an annotation only on lines of the checked-out tree: a place in another revision or
in a library is told in words.
"""

from __future__ import annotations

from collections.abc import Iterator

from magneton_agent.schema.location import Location
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison, Finding

from . import figures, findings
from .printable import printable_result

_COMMANDS = {"waste": "warning", "performance": "warning"}


def render(result: Comparison | Measurement) -> str:
    """Workflow commands, one a line, to be printed in a step of a job."""
    shown = printable_result(result)
    return "".join(f"{line}\n" for line in (*map(_annotation, shown.findings), _summary(shown)))


def _annotation(finding: Finding) -> str:
    place = findings.primary_location(finding)
    shown = place is not None and place.revision is None and findings.in_workspace(place)
    properties = [*(_range(place) if place is not None and shown else ())]
    properties.append(f"title={_property(f'Magneton: {finding.class_}')}")
    command = _COMMANDS.get(finding.class_, "notice")
    text = "\n".join(_text(finding, None if shown else place))
    return f"::{command} {','.join(properties)}::{_data(text)}"


def _range(place: Location) -> Iterator[str]:
    yield f"file={_property(place.path)}"
    yield f"line={place.start.line}"
    yield f"endLine={place.end.line}"
    if place.start.line == place.end.line:  # of several lines GitHub takes no columns
        yield f"col={place.start.column + 1}"
        yield f"endColumn={place.end.column}"


def _text(finding: Finding, elsewhere: Location | None) -> Iterator[str]:
    yield findings.headline(finding)
    yield findings.saving_text(finding)
    if finding.remedy:
        yield f"Remedy: {finding.remedy}"
    if elsewhere is not None:
        yield f"At {findings.place(elsewhere)}"


def _summary(result: Comparison | Measurement) -> str:
    if isinstance(result, Measurement):
        spent = figures.sourced(result.side.energy_j, "J")
        return f"::notice title=Magneton::{_data(f'energy a step: {result.side.target} {spent}')}"
    a, b = result.sides.a, result.sides.b
    sides = (f"{each.target} {figures.sourced(each.energy_j, 'J')}" for each in (a, b))
    verdict = f"{result.verdict}; energy a step: {'; '.join(sides)}"
    return f"::notice title=Magneton::{_data(verdict)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
