"""Does a result say what case.toml expects?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from magneton.engine.findings import is_of_both
from magneton_agent.schema.codec import to_json
from magneton_agent.schema.location import Location
from magneton_agent.schema.quantity import Quantity
from magneton_agent.schema.result import Comparison, Finding

from .confirmed import fair_names, mistakes, said_as, wrongly_confirmed
from .variants import Variant

_FACTS = ("operators", "path", "repeated")
"""Evidence of what ran, which may have a decoy's name (``aten::softmax``) and blames nothing."""

_TOO = "it counts too"  # how a candidate begins that was confirmed beside the cause


@dataclass(frozen=True)
class Outcome:
    """One line of the table; ``problems`` is empty where all is as expected, and begins with what
    is ``wrong`` though it was confirmed. ``named``: variable and line of what saves most are the
    expected ones, whatever else was found."""

    verdict: str
    saving: str
    cause: str
    range: str
    fix: str
    problems: tuple[str, ...]
    wrong: tuple[str, ...] = ()
    named: bool = False


def judge(variant: Variant, result: Comparison) -> Outcome:
    """Compare a result with what the case expects."""
    result = replace(result, findings=tuple(_of_one_side(result.findings)))
    finding = result.findings[0] if result.findings else None
    wrong = tuple(wrongly_confirmed(variant, result))
    return Outcome(
        verdict=result.verdict,
        saving=_saving(finding),
        cause=_cause(finding),
        range=_range(marked_location(finding)) if finding is not None else "",
        fix=finding.fix.title if finding is not None and finding.fix is not None else "",
        problems=(*wrong, *_problems(variant, result)),
        wrong=wrong,
        named=finding is not None and _is_named(variant, finding),
    )


def _of_one_side(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Without what both programs do needlessly, which is no difference between them."""
    return (each for each in findings if not is_of_both(each, findings))


def _is_named(variant: Variant, finding: Finding) -> bool:
    if finding.cause is None:
        return False
    return not any(mistakes(variant, finding, finding.cause))


def marked_location(finding: Finding) -> Location | None:
    """Where the editor puts the diagnostic: the deciding line, else the wasteful range."""
    if finding.cause is not None and finding.cause.location is not None:
        return finding.cause.location
    return finding.location


def _problems(variant: Variant, result: Comparison) -> Iterator[str]:
    expected = variant.expected
    if result.verdict not in expected["verdict"]:
        yield f"verdict {result.verdict} instead of {' or '.join(expected['verdict'])}"
    named = "\n".join(text for finding in result.findings for text in _said(finding))
    for decoy in expected["decoys"]:
        if re.search(rf"(?<!\w){re.escape(decoy)}(?!\w)", named):
            yield f"names the decoy {decoy}"
    if "first_difference" in expected:
        first = result.outputs.first_difference or "no difference"
        if not first.startswith(expected["first_difference"]):
            yield f"first difference: {first}"
    if "cause" not in expected:
        yield from (f"finding where none is: {each.message}" for each in result.findings)
    elif len(result.findings) != 1:
        yield f"{len(result.findings)} findings instead of 1"
    else:
        yield from _finding_problems(variant, result.findings[0])


def _finding_problems(variant: Variant, finding: Finding) -> Iterator[str]:
    expected = variant.expected
    if finding.wasteful_side != expected["wasteful_side"]:
        yield f"wasteful side {finding.wasteful_side}"
        return  # the deciding line is in the other program
    cause: dict[str, Any] = to_json(finding.cause) if finding.cause is not None else {}
    for key, value in expected["cause"].items():
        if said_as(cause.get(key)) not in map(said_as, (value, *fair_names(expected, key))):
            yield f"cause.{key} is {cause.get(key)!r} instead of {value!r}"
    for part in expected.get("call_path", ()):
        if not any(place.path.endswith(part) for place in finding.call_path):
            yield f"the call path does not go through {part}"
    yield from _place_problems(variant, finding)


def _place_problems(variant: Variant, finding: Finding) -> Iterator[str]:
    """Where ``line`` is expected, any range on the line that holds this text."""
    path = variant.a if finding.wasteful_side == "a" else variant.b
    path = variant.expected.get("file", path)
    text = (variant.workspace / path).read_text("utf-8")
    place = marked_location(finding)
    if "line" in variant.expected:
        number = text[: text.index(variant.expected["line"])].count("\n") + 1
        if place is None or (place.path, place.start.line) != (path, number):
            found_line = f"{place.path}:{place.start.line}" if place is not None else None
            yield f"marks {found_line} instead of {path}:{number}"
        return
    marked: str = variant.expected["marked"]
    before = text[: text.index(marked)].split("\n")
    start = (len(before), len(before[-1]))
    end = (start[0], start[1] + len(marked))
    found = (
        (place.path, (place.start.line, place.start.column), (place.end.line, place.end.column))
        if place is not None
        else None
    )
    if found != (path, start, end):
        yield f"marks {found} instead of {(path, start, end)}"


def _said(finding: Finding) -> Iterator[str]:
    """All that a finding blames in words, without the source text of its ranges: what was tried
    and ruled out is not blamed."""
    yield from (finding.message, finding.remedy or "")
    if finding.cause is not None:
        yield from (str(value) for value in to_json(finding.cause).values())
    yield from (each.text for each in finding.evidence if each.kind not in _FACTS)
    for each in finding.candidates:
        if each.rejected_because.startswith(_TOO):
            yield from (each.name, each.rejected_because)


def _saving(finding: Finding | None) -> str:
    if finding is None or not isinstance(finding.saving_ratio, Quantity):
        return ""
    ratio = finding.saving_ratio
    return f"{ratio.value:.1%} ({ratio.low:.1%} to {ratio.high:.1%})"


def _cause(finding: Finding | None) -> str:
    if finding is None or finding.cause is None:
        return ""
    cause = finding.cause
    if cause.kind == "call":
        return f"{cause.wasteful_value} / {cause.efficient_value}"
    return f"{cause.name}: {cause.wasteful_value} / {cause.efficient_value}"


def _range(place: Location | None) -> str:
    return f"{place.path}:{place.start.line}:{place.start.column + 1}" if place is not None else ""
