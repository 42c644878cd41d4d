"""Two programs on disk, and what can be exchanged of the first for what the second has."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from pathlib import Path

from magneton.source.exchanges.differences import exchanges
from magneton.source.exchanges.exchange import Exchange
from magneton.source.exchanges.own import Program

SHARED = "lib.py"


def program(folder: Path, entry: tuple[str, str | None], **files: str) -> Program:
    """Files by their names without the suffix; entry is the file and name of the target."""
    digests = {}
    for name, text in files.items():
        content = textwrap.dedent(text).encode()
        (folder / f"{name}.py").write_bytes(content)
        digests[f"{name}.py"] = hashlib.sha256(content).hexdigest()
    return Program(folder, digests, entry)


def exchanged(
    folder: Path, own: str, other: str, lib: str = "", data: Sequence[Exchange] = ()
) -> list[Exchange]:
    """Of a.py, which is ``own``, for b.py; both use lib.py. ``data`` is of files of options."""
    a = program(folder, ("a.py", "build"), a=own, lib=lib)
    b = program(folder, ("b.py", "build"), b=other, lib=lib)
    return exchanges(a, b, data)


def told(found: Exchange) -> tuple[str, str, str, int]:
    """Name, both values, and the line."""
    words = found.words
    return words.name, words.wasteful_value, words.efficient_value, found.place.line


def changed_lines(own: str, found: Exchange) -> list[str]:
    """The lines that the exchange adds to what was there."""
    before = textwrap.dedent(own).split("\n")
    return [line.strip() for line in found.text.split("\n") if line not in before]
