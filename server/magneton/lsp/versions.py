"""The saved versions of files, so that a result can be held against what was measured."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

from magneton.source.text import decode, split_lines
from magneton_agent.schema.reading import read_regular

Lines = tuple[str, ...]
_MOST_VERSIONS, _MOST_BYTES = 200, 64 << 20  # one file is at most 16 MiB


class Versions:
    """Remembers contents by their digest: a file may be saved anew while a run measures it."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._size_bytes = 0

    def remember(self, file: Path) -> None:
        """Keep the content that ``file`` has on disk now. Blocking."""
        try:
            content = read_regular(file)
        except OSError:
            return
        digest = hashlib.sha256(content).hexdigest()
        self._size_bytes += len(content) if digest not in self._contents else 0
        self._contents[digest] = content
        self._contents.move_to_end(digest)
        while len(self._contents) > _MOST_VERSIONS or self._size_bytes > _MOST_BYTES:
            self._size_bytes -= len(self._contents.popitem(last=False)[1])

    def lines(self, file: Path, digest: str) -> Lines | None:
        """The lines of the version of ``file`` whose SHA-256 is ``digest``, or None where that
        version is neither on disk nor remembered. Blocking."""
        self.remember(file)
        content = self._contents.get(digest)
        try:
            return split_lines(decode(content)) if content is not None else None
        except (UnicodeDecodeError, SyntaxError):
            return None
