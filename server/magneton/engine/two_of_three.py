"""Asks pairs of processes until two agree: one process can be slow for all of its life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def two_of_three(
    attempt: Callable[[int], Awaitable[T]],
    is_open: Callable[[T], bool],
    verdict: Callable[[T], object],
) -> T:
    """What pair number 0 to 2 gives that settles it: the first where that is not ``is_open``, the
    second where its ``verdict`` is the first one's, else the third."""
    first = await attempt(0)
    if not is_open(first):
        return first
    second = await attempt(1)
    return second if verdict(second) == verdict(first) else await attempt(2)
