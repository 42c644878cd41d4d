"""What a step is, and how a request asks for one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")
Step = Callable[[], object]
Around = Callable[[Step], object]
"""Runs one step and returns what the step returned."""
Steps = Generator[Around, object, T]
"""A request in progress: yields what to do around one step, is resumed with the step's result,
returns its reply. So a script that calls its own steps can be served as a callable is."""


class Exhausted(Exception):
    """The script has ended: it has no further step."""
