"""Source files as Python reads them: decoded as they declare, lines as Python and editors count."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

from magneton_agent.schema.reading import read_regular

# Not str.splitlines: it also breaks at form feeds and at U+2028, where neither Python nor an
# editor begins a new line.
_LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of ``text`` without their ends; a final line end is followed by an empty line."""
    return tuple(_LINE_END.split(text))


def decode(content: bytes) -> str:
    """``content`` as text: its coding cookie or UTF-8, without a byte order mark.

    Raises:
        UnicodeDecodeError: the bytes are not in that encoding.
        SyntaxError: the cookie names an unknown encoding.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return content.decode(encoding)


def read_lines(path: Path) -> tuple[str, ...] | None:
    """The lines of the file at ``path``, or None where it cannot be read as Python source."""
    try:
        return split_lines(decode(read_regular(path)))
    except (OSError, UnicodeDecodeError, SyntaxError):
        return None
