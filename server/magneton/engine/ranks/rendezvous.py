"""Where the ranks of one side connect to: a socket in a folder that nobody else may enter."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..failures import not_kept

Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Rendezvous:
    """Waits for ``count`` ranks. What cannot say the token of this rendezvous is sent away."""

    def __init__(self, count: int, longest_reply: int) -> None:
        self._longest_reply = longest_reply
        self._token = secrets.token_hex(32)
        self._arrived: list[asyncio.Future[Link]] = [
            asyncio.get_running_loop().create_future() for _ in range(count)
        ]
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen, and return the folder to hand to the ranks.

        Raises:
            MagnetonError: there is no room for it.
        """
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="magneton-")  # for its owner alone
            folder = Path(self._folder.name)
            (folder / "token").write_text(self._token, encoding="utf-8")
            self._server = await asyncio.start_unix_server(
                self._greet, folder / "socket", limit=self._longest_reply
            )
        except OSError as error:
            self.close()
            raise not_kept(error) from error
        return str(folder)

    async def links(self) -> Sequence[Link]:
        """The connections of all ranks, in order, once the last has come."""
        return await asyncio.gather(*self._arrived)

    def close(self) -> None:
        """Let nobody in any more, and drop all connections."""
        if self._server is not None:
            self._server.close()
        for arrived in self._arrived:
            if arrived.done() and not arrived.cancelled():
                arrived.result()[1].close()
        if self._folder is not None:
            self._folder.cleanup()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            hello = json.loads(await reader.readline())
            known = hmac.compare_digest(str(hello["token"]), self._token)
            arrived = self._arrived[hello["rank"]] if known and hello["rank"] >= 0 else None
        except (ValueError, KeyError, TypeError, IndexError):
            arrived = None
        if arrived is None or arrived.done():
            writer.close()
            return
        arrived.set_result((reader, writer))
