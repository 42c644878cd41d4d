"""A change of a file as a unified diff, as ``patch`` and ``git apply`` read it."""

from __future__ import annotations

import difflib
import io

_NO_END = "\\ No newline at end of file\n"


def unified_diff(name: str, before: str, after: str) -> str:
    """The diff from ``before`` to ``after``, empty where they are the same."""
    lines = difflib.unified_diff(
        _lines(before), _lines(after), f"a/{name}", f"b/{name}", lineterm="\n"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def _lines(text: str) -> list[str]:
    """With their ends as they are; a lone carriage return, as patch has it, ends none."""
    return list(io.StringIO(text, newline="\n"))
