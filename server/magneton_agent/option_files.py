"""Which files of options a program reads, and texts that stand for some of them.

Nothing is written. What the program reads otherwise than with ``open`` and ``pathlib`` is not seen.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .schema.option_files import SUFFIXES

_WRITES = frozenset("wax+")


class OptionFiles:
    """Watches the files of options below ``folder``; ``texts`` stand for files at their paths."""

    def __init__(self, folder: str, texts: Mapping[str, str]) -> None:
        self._folder = os.path.realpath(folder) + os.sep
        self._texts = {
            os.path.realpath(path): text for path, text in texts.items() if path.endswith(SUFFIXES)
        }
        self._read: dict[str, None] = {}

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of every file that was read, by path relative to the folder."""
        found = {}
        for path in self._read:
            with open(path, "rb") as file:
                found[path.removeprefix(self._folder)] = hashlib.sha256(file.read()).hexdigest()
        return found

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Stand in for ``open`` and ``io.open``, which ``pathlib`` calls, and be gone after it."""
        original = builtins.open
        opened: Any = self._opening(original)  # typeshed knows open by its literal modes
        builtins.open = io.open = opened
        try:
            yield
        finally:
            builtins.open = io.open = original

    def _opening(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            text = self._seen(file, mode)
            if text is None:
                return original(file, mode, *args, **options)
            return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)

        return opened

    def _seen(self, file: object, mode: str) -> str | None:
        """The text that stands for what is opened, None where the file itself counts."""
        if not isinstance(file, str | os.PathLike) or _WRITES.intersection(mode):
            return None
        path = os.path.realpath(os.fsdecode(file))
        if not path.endswith(SUFFIXES) or not path.startswith(self._folder):
            return None
        self._read[path] = None
        return self._texts.get(path)
