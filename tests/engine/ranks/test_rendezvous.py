"""Who may connect, in real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import pytest

from magneton.engine.ranks.rendezvous import Link, Rendezvous

pytestmark = pytest.mark.asyncio


async def come(folder: str, rank: object, token: str) -> Link:
    reader, writer = await asyncio.open_unix_connection(Path(folder) / "socket")
    writer.write(json.dumps({"rank": rank, "token": token}).encode() + b"\n")
    return reader, writer


async def test_ranks_are_in_order_whoever_comes_first() -> None:
    rendezvous = Rendezvous(2, longest_reply=1000)
    folder = await rendezvous.open()
    token = (Path(folder) / "token").read_text()
    ranks = [await come(folder, rank, token) for rank in (1, 0)]
    links = await rendezvous.links()
    for number, (_, writer) in enumerate(links):
        writer.write(f"rank {number}\n".encode())
    assert [await reader.readline() for reader, _ in ranks] == [b"rank 1\n", b"rank 0\n"]
    rendezvous.close()
    assert not Path(folder).exists()


async def test_what_does_not_know_the_token_is_sent_away() -> None:
    rendezvous = Rendezvous(1, longest_reply=1000)
    folder = await rendezvous.open()
    token = (Path(folder) / "token").read_text()
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700  # noqa: PTH116 a folder, not a link
    for rank, said in ((0, "guess"), (1, token), (-1, token), ("0", token)):
        stranger, _ = await come(folder, rank, said)
        assert await stranger.read() == b""
    first = await come(folder, 0, token)
    assert len(await asyncio.wait_for(rendezvous.links(), 10)) == 1
    second, _ = await come(folder, 0, token)
    assert await second.read() == b""
    rendezvous.close()
    assert await first[0].read() == b""
