"""A result as SARIF 2.1.0 (OASIS), for code scanning: a result a finding, on its source range.

Places in another revision than the working tree's are told in words: a scanner would mark
today's lines.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from magneton_agent.schema.location import Location
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.quantity import Figure, Quantity
from magneton_agent.schema.result import Comparison, Finding, Fix

from . import findings
from .printable import printable

_VERSION = "2.1.0"
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
_RULES = {
    "waste": ("Waste", "This side needs more energy for the same values, and is not faster."),
    "performance": (
        "Performance",
        "This side needs more energy and more time for the same values.",
    ),
    "trade-off": (
        "TradeOff",
        "The other side needs less energy for the same values, but more time.",
    ),
}
_LEVELS = {"waste": "warning", "performance": "warning"}

Json = dict[str, Any]


def render(result: Comparison | Measurement) -> str:
    """The whole log: one run of Magneton, JSON."""
    log = {"$schema": _SCHEMA, "version": _VERSION, "runs": [_run(result)]}
    text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")  # names of files that are not UTF-8


def _run(result: Comparison | Measurement) -> Json:
    return {
        "tool": {
            "driver": {
                "name": "Magneton",
                "semanticVersion": result.magneton_version,
                "rules": [_rule(class_) for class_ in _RULES],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "endTimeUtc": _utc(result.created)}],
        "results": [_result(finding) for finding in result.findings],
    }


def _utc(created: str) -> str:
    return created.replace("+00:00", "Z")


def _rule(class_: str) -> Json:
    name, text = _RULES[class_]
    return {
        "id": f"magneton-{class_}",
        "name": name,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": _LEVELS.get(class_, "note")},
    }


def _result(finding: Finding) -> Json:
    primary = findings.primary_location(finding)
    result: Json = {
        "ruleId": f"magneton-{finding.class_}",
        "level": _LEVELS.get(finding.class_, "note"),
        "message": {"text": "\n".join(map(printable, _message(finding, primary)))},
        "locations": [_location(primary)] if _here(primary) else [],
        "partialFingerprints": {"magneton/v1": _fingerprint(finding, primary)},
        "properties": dict(_properties(finding)),
    }
    if related := list(_related(finding, primary)):
        result["relatedLocations"] = related
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _message(finding: Finding, primary: Location | None) -> Iterator[str]:
    yield findings.headline(finding)
    yield findings.saving_text(finding)
    if finding.remedy:
        yield f"Remedy: {finding.remedy}"
    if primary is not None and primary.revision:
        yield f"At {findings.place(primary)}"


def _here(place: Location | None) -> bool:
    return place is not None and place.revision is None


def _related(finding: Finding, primary: Location | None) -> Iterator[Json]:
    """Where it is spent, the way there and the other side, each place once, numbered."""
    other = findings.other_side(finding.wasteful_side)
    wanted = [(finding.location, f"side {finding.wasteful_side} spends it here")]
    wanted += [(place, "on the call path") for place in finding.call_path]
    wanted.append((finding.counterpart, f"side {other} does the same here"))
    seen = {primary}
    for place, text in wanted:
        if place is None or place in seen or not _here(place):
            continue
        yield {**_location(place), "id": len(seen), "message": {"text": text}}
        seen.add(place)


def _location(place: Location | None) -> Json:
    if place is None:
        return {}
    return {"physicalLocation": {"artifactLocation": _artifact(place), "region": _region(place)}}


def _artifact(place: Location) -> Json:
    path = PurePath(printable(place.path))
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": PurePath("/", path).as_uri().removeprefix("file:///"), "uriBaseId": _ROOT}


def _region(place: Location) -> Json:
    return {
        "startLine": place.start.line,
        "startColumn": place.start.column + 1,
        "endLine": place.end.line,
        "endColumn": place.end.column + 1,
    }


def _fingerprint(finding: Finding, primary: Location | None) -> str:
    """The same for the same finding after lines have moved: no line, no figure is in it."""
    cause = finding.cause
    parts = [
        finding.category or "",
        primary.path if primary else "",
        cause.kind if cause else "",
        cause.name if cause else finding.message,
        cause.wasteful_value if cause else "",
    ]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _properties(finding: Finding) -> Iterator[tuple[str, object]]:
    figures: tuple[tuple[str, Figure], ...] = (
        ("saving_j", finding.saving_j),
        ("saving_ratio", finding.saving_ratio),
    )
    for name, figure in figures:
        if isinstance(figure, Quantity):
            yield name, {**vars(figure)}
    yield "count", finding.count
    if finding.cause is not None:
        yield "confirmed", finding.cause.confirmed


def _fix(fix: Fix) -> Json:
    changes: dict[str, Json] = {}
    for edit in fix.edits:
        change = changes.setdefault(
            edit.location.path,
            {"artifactLocation": _artifact(edit.location), "replacements": []},
        )
        change["replacements"].append(
            {"deletedRegion": _region(edit.location), "insertedContent": {"text": edit.text}}
        )
    return {"description": {"text": fix.title}, "artifactChanges": list(changes.values())}
