"""The saved versions of files, so that a result can be held against what was measured."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

from magneton.source.text import decode, split_lines

Lines = tuple[str, ...]
_MOST_VERSIONS = 200


class Versions:
    """Remembers contents by their digest: a file may be saved anew while a run measures it."""

    def __init__(self) -> None:
        self._contents: OrderedDict[str, bytes] = OrderedDict()

    def remember(self, file: Path) -> None:
        """Keep the content that ``file`` has on disk now. Blocking."""
        try:
            content = file.read_bytes()
        except OSError:
            return
        digest = hashlib.sha256(content).hexdigest()
        self._contents[digest] = content
        self._contents.move_to_end(digest)
        if len(self._contents) > _MOST_VERSIONS:
            self._contents.popitem(last=False)

    def lines(self, file: Path, digest: str) -> Lines | None:
        """The lines of the version of ``file`` whose SHA-256 is ``digest``, or None where that
        version is neither on disk nor remembered. Blocking."""
        self.remember(file)
        content = self._contents.get(digest)
        try:
            return split_lines(decode(content)) if content is not None else None
        except (UnicodeDecodeError, SyntaxError):
            return None
