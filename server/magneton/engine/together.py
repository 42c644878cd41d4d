"""Several things done at the same time, of which nothing remains when one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(doing: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, in order; when one fails, the others are ended, not waited for.

    Raises: what the first that failed raised.
    """
    tasks = [asyncio.create_task(each) for each in doing]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
