"""Installed modules that a program has imported, and importing them before a program runs."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import sysconfig
from collections.abc import Iterable

_PATHS = ("stdlib", "platstdlib", "purelib", "platlib")


def imported_libraries() -> tuple[str, ...]:
    """Names of the modules from the interpreter's own folders, in the order of their import."""
    folders = tuple(os.path.realpath(sysconfig.get_path(name)) + os.sep for name in _PATHS)
    found = []
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        origin = getattr(spec, "origin", None)
        if isinstance(origin, str) and os.path.realpath(origin).startswith(folders):
            found.append(name)
    return tuple(found)


def import_libraries(names: Iterable[str]) -> None:
    """Import ``names``; what cannot be imported by itself is left to the program.

    Some modules, of platforms or of optional parts, raise errors of their own.
    """
    for name in names:
        if name not in sys.modules:
            with contextlib.suppress(ImportError, OSError, RuntimeError, AttributeError):
                importlib.import_module(name)
