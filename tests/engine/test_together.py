"""What is done together ends together."""

from __future__ import annotations

import asyncio

import pytest

from magneton.engine.together import together


def test_results_come_in_order() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(together(after(turns) for turns in (3, 0, 1))) == [3, 0, 1]


def test_when_one_fails_the_others_have_ended() -> None:
    ended = []

    async def fails() -> None:
        raise ValueError("broken")

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("the other")

    async def both() -> None:
        with pytest.raises(ValueError, match="broken"):
            await together([waits(), fails()])
        assert ended == ["the other"]

    asyncio.run(both())
