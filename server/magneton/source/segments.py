"""The text of a range of a source file."""

from __future__ import annotations

from magneton_agent.schema.location import Frame
from magneton_agent.schema.reading import read_regular

_LONGEST = 80


def text_at(frame: Frame) -> str | None:
    """What is written at ``frame``, on one line and at most 80 characters; None where the file
    cannot be read or nothing is there. Columns are UTF-8 bytes."""
    try:
        lines = read_regular(frame.path).splitlines()
    except OSError:
        return None
    chosen = lines[frame.line - 1 : frame.end_line]
    if not chosen:
        return None
    chosen[-1] = chosen[-1][: frame.end_column]
    chosen[0] = chosen[0][frame.column :]
    text = " ".join(line.decode("utf-8", "replace").strip() for line in chosen)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return text or None
