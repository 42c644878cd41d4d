"""How a command is added: its argument is read, an error for the user becomes its response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from magneton_agent.schema.errors import MagnetonError

from .arguments import read
from .server import MagnetonServer
from .texts import refusal

T = TypeVar("T")
Answer = dict[str, Any]


def add(
    server: MagnetonServer, name: str, kind: type[T], handler: Callable[[T], Awaitable[Answer]]
) -> None:
    """Serve ``magneton.server.<name>`` by ``handler``, whose argument is a ``kind``."""

    @server.command(f"magneton.server.{name}")
    async def command(*given: Any) -> Answer:
        try:
            return await handler(read(kind, given))
        except MagnetonError as error:
            raise refusal(error) from error
