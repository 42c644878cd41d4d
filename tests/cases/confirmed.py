"""A cause that is wrong and ``confirmed``: the one thing that no case may come out with, since
``confirmed`` says that nobody need look further."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from magneton_agent.schema.codec import to_json
from magneton_agent.schema.result import Cause, Comparison, Finding

from .variants import Variant

_DECIDES = ("name", "wasteful_value", "efficient_value")


def wrongly_confirmed(variant: Variant, result: Comparison) -> Iterator[str]:
    """One line each confirmed cause, of any finding, that is not the expected one. Its line
    counts, not the range within it, which is told apart."""
    for finding in result.findings:
        cause = finding.cause
        if cause is None or not cause.confirmed:
            continue
        wrong = [*mistakes(variant, finding, cause)]
        if wrong:
            yield f"wrong and confirmed: {cause.name} ({', '.join(wrong)})"


def mistakes(variant: Variant, finding: Finding, cause: Cause) -> Iterator[str]:
    """In what a finding's cause is another one than the expected: variable, values, line, side."""
    expected = variant.expected
    if "cause" not in expected:
        yield "nothing is to be found"
        return
    if finding.wasteful_side != expected["wasteful_side"]:
        yield f"of side {finding.wasteful_side}"
    said = to_json(cause)
    for key in _DECIDES:
        if key not in expected["cause"]:
            continue
        fair = [expected["cause"][key], *fair_names(expected, key)]
        if said_as(said[key]) not in map(said_as, fair):
            yield f"{key} {said[key]!r}"
    place = cause.location or finding.location
    path, line = expected_line(variant, finding)
    if place is None or (place.path, place.start.line) != (path, line):
        yield f"not on {path}:{line}"


def said_as(text: object) -> object:
    """An option may be named as the command line has it, a number be written in another way, a
    text with quotes or, as in a file, without, and a member of an enumeration as it prints."""
    if not isinstance(text, str):
        return text
    bare = re.sub(r"^<(\w+\.\w+): .*>$", r"\1", text).strip("'\"")
    try:
        return repr(float(bare))
    except ValueError:
        return bare.lstrip("-").replace("-", "_")


def fair_names(expected: Mapping[str, Any], key: str) -> Sequence[str]:
    """Further names of the cause that the case's author calls equally fair."""
    names: Sequence[str] = expected.get("also", ()) if key == "name" else ()
    return names


def expected_line(variant: Variant, finding: Finding) -> tuple[str, int]:
    """The file and line where a finding's cause is expected."""
    own = variant.a if finding.wasteful_side == "a" else variant.b
    path: str = variant.expected.get("file", own)
    text = (variant.workspace / path).read_text("utf-8")
    sought = variant.expected["line" if "line" in variant.expected else "marked"]
    # The wrong side's file need not have it.
    before, found, _ = text.partition(sought)
    return path, before.count("\n") + 1 if found else 0
