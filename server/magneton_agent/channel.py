"""The private descriptor: one JSON object a line, each way."""

from __future__ import annotations

import json
import os
from typing import Any, get_args

from .schema.codec import from_json, to_json
from .schema.messages import Failure, Reply, Request
from .schema.recording import Recording

_REQUESTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Request)}


class Channel:
    """Requests in, replies out, over one descriptor that only this process may use."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._input = os.fdopen(os.dup(descriptor), "rb")
        self._output = os.fdopen(descriptor, "wb")
        self._null = os.open(os.devnull, os.O_RDWR)
        os.register_at_fork(after_in_child=self._let_go)

    def _let_go(self) -> None:
        """In a forked child: it must not answer for the program, nor, where it outlives the
        program, keep the engine waiting."""
        os.dup2(self._null, self._input.fileno(), inheritable=False)
        os.dup2(self._null, self._output.fileno(), inheritable=False)

    def receive(self) -> Request | None:
        """The next request; None when the engine is gone, as it is for a forked child."""
        line = self._input.readline()
        if not line:
            return None
        message = json.loads(line)
        request: Request = from_json(_REQUESTS[message["type"]], message["body"])
        return request

    def send(self, reply: Reply | Recording | Failure) -> None:
        """Answer the last request. Nobody hears a forked child."""
        message = {"type": type(reply).__name__, "body": to_json(reply)}
        self._output.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        self._output.flush()
