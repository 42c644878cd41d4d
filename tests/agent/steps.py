"""Runs requests in progress, as the agent does, on steps of the test's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TypeVar

from magneton_agent.step import Exhausted, Step, Steps

T = TypeVar("T")


def complete(request: Steps[T], step: Step) -> T:
    """The reply of ``request``, whose every step is ``step``."""
    return complete_with(request, itertools.repeat(step))


def complete_with(request: Steps[T], steps: Iterable[Step]) -> T:
    """The reply of ``request`` to a script that makes ``steps`` and ends.

    Raises:
        Exhausted: the request needs more of them.
    """
    try:
        around = request.send(None)
        for step in steps:
            around = request.send(around(step))
        request.throw(Exhausted())
    except StopIteration as done:
        reply: T = done.value
        return reply
    raise AssertionError("the request went on after the script had ended")
