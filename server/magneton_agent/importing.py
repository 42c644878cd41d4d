"""Keeps a profile function from what libraries do to be imported.

That is most of the calls of a program that imports torch, and none that it decides.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from types import FrameType, ModuleType

Profile = Callable[[FrameType, str, object], object]

_METHOD = "exec_module"
_LIBRARY = ("/site-packages/", "/dist-packages/", "/lib/python3")


def is_library(path: str) -> bool:
    """Whether the source file at ``path`` is none of the program's own."""
    return any(part in path for part in _LIBRARY)


@contextmanager
def profiled(note: Profile) -> Iterator[None]:
    """Call ``note`` as ``sys.setprofile`` says, of this thread, but not while the body of a
    library's module runs."""
    previous, thread = sys.getprofile(), threading.get_ident()
    own = vars(SourceFileLoader).get(_METHOD)  # inherited, unless something else is at work
    original = SourceFileLoader.exec_module

    def exec_module(loader: SourceFileLoader, module: ModuleType) -> None:
        if threading.get_ident() != thread:
            original(loader, module)
            return
        around = sys.getprofile()
        sys.setprofile(None if is_library(str(loader.path)) else note)
        try:
            original(loader, module)
        finally:
            sys.setprofile(around)

    setattr(SourceFileLoader, _METHOD, exec_module)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(previous)
        delattr(SourceFileLoader, _METHOD)
        if own is not None:
            setattr(SourceFileLoader, _METHOD, own)
