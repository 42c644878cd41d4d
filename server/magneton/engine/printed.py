"""The last lines that a program prints, drained so that its pipe never fills."""

from __future__ import annotations

import asyncio
from collections import deque

_LINES, _LONGEST_LINE = 40, 1 << 16
_HEARINGS, _HEARING_S = 20, 0.01


class Printed:
    """What was read so far; :meth:`drain` reads on until the program closes its output."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._bytes = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines, bytes that are no UTF-8 replaced."""
        return tuple(self._lines)

    async def drain(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await stream.read(_LONGEST_LINE):
            self._bytes += len(chunk)
            *lines, rest = (rest + chunk)[-_LONGEST_LINE:].split(b"\n")
            self._lines.extend(line.decode("utf-8", "replace") for line in lines[-_LINES:])
        if rest:
            self._lines.append(rest.decode("utf-8", "replace"))

    async def settle(self) -> None:
        """Wait for what is on its way, unless the program prints on and on."""
        for _ in range(_HEARINGS):
            before = self._bytes
            await asyncio.sleep(_HEARING_S)
            if self._bytes == before:
                return
