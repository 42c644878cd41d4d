"""Serves changed source in the place of files, without writing anything.

``__file__``, tracebacks and the code's own file name stay those of the files.
"""

from __future__ import annotations

import io
import linecache
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

_METHOD = "get_code"


class Overlay:
    """Source texts by the path of the file that each stands for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {os.path.realpath(path): text for path, text in texts.items()}

    def source(self, path: str) -> str | None:
        """The text that stands for the file at ``path``, None where the file itself counts.

        From then on tracebacks and ``inspect`` quote it.
        """
        text = self._texts.get(os.path.realpath(path))
        if text is not None:
            lines = io.StringIO(text, newline=None).readlines()
            # Without a time of change, linecache never looks at the file again.
            linecache.cache[path] = (len(text), None, lines, path)
        return text

    @contextmanager
    def served(self) -> Iterator[None]:
        """Let every import of the files get the texts, whoever finds the files: a finder of our own
        would miss those that the program or an editable install loads from a path.

        Compiled files are neither read nor written for them.
        """
        if not self._texts:
            yield
            return
        own = vars(SourceFileLoader).get(_METHOD)  # inherited, unless something else is at work
        setattr(SourceFileLoader, _METHOD, self._getter(SourceFileLoader.get_code))
        try:
            yield
        finally:
            delattr(SourceFileLoader, _METHOD)
            if own is not None:
                setattr(SourceFileLoader, _METHOD, own)

    def _getter(self, original: Callable[..., CodeType | None]) -> Callable[..., CodeType | None]:
        def get_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            path = loader.get_filename(fullname)
            text = self.source(path)
            if text is None:
                return original(loader, fullname)
            changed: Any = text  # typeshed wants bytes, which a coding cookie would be applied to
            return loader.source_to_code(changed, path)

        return get_code
