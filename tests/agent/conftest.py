"""What tests of loading put back afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def interpreter_restored() -> Iterator[None]:
    """Restores what importing a target or running a script changes."""
    path, argv, modules = sys.path[:], sys.argv[:], dict(sys.modules)
    yield
    sys.path[:], sys.argv[:] = path, argv
    for name in sys.modules.keys() - modules.keys():
        del sys.modules[name]
    sys.modules.update(modules)
