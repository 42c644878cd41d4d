"""Agents for tests: real processes, started as the engine starts them, asked over the channel."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import magneton_agent
from magneton_agent.schema.codec import from_json, to_json
from magneton_agent.schema.messages import Failure, Load, Request, TargetSpec

T = TypeVar("T")
FOLDER = Path(magneton_agent.__file__).parent
_ANSWER_S = 120.0  # only a hang takes that long


def load(path: Path, name: str | None, kind: str = "file", **changes: Any) -> Load:
    """A request to load ``name`` of the file at ``path``."""
    spec = TargetSpec(kind, str(path), "", name, changes.pop("arguments", ()))  # type: ignore[arg-type]  # from literals
    return Load(spec, changes.pop("device", "auto"), changes.pop("seed", 0), **changes)


class Agent:
    """An agent that works in ``folder``; the process is ended on leaving.

    ``options`` are the interpreter's. What it printed is in ``printed`` after leaving.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(_ANSWER_S)
        setup = {"workspace": str(folder), "meter": "auto", "pynvml_path": ""}
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, *options, "-c", (FOLDER / "bootstrap.py").read_text("utf-8")),
                    *(str(theirs.fileno()), str(os.getpid()), str(FOLDER), json.dumps(setup)),
                ],
                cwd=folder,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self._socket = ours
        self._lines = ours.makefile("rwb")
        self.printed = ""

    def __enter__(self) -> Agent:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()
        self.process.kill()
        self.printed = self.process.communicate()[0]

    def ask(self, request: Request, reply: type[T]) -> T:
        """Send ``request``; its answer must be a ``reply``."""
        self.send(request)
        return self.hear(reply)

    def send(self, request: Request) -> None:
        """Send ``request``, whatever follows."""
        message = {"type": type(request).__name__, "body": to_json(request)}
        self._lines.write(json.dumps(message).encode() + b"\n")
        self._lines.flush()

    def refused(self, request: Request) -> Failure:
        """Send ``request``, which must fail."""
        return self.ask(request, Failure)

    def hear(self, reply: type[T]) -> T:
        """The next answer, which must be a ``reply``."""
        message = json.loads(self._lines.readline())
        assert message["type"] == reply.__name__, message["body"]
        return from_json(reply, message["body"])

    def rest(self) -> bytes:
        """All that the agent still says, until every process has let go of the channel."""
        return self._lines.read()

    def hang_up(self) -> None:
        """Close the engine's end."""
        self._lines.close()
        self._socket.close()

    def ended(self) -> int:
        """Wait for the process to end by itself: its exit status."""
        self.process.communicate(timeout=_ANSWER_S)
        return self.process.returncode
