"""Runs the real command line and finds what it leaves running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.processes import wait_until

PYTHON = sys.executable
MAGNETON = (PYTHON, "-m", "magneton.cli.main")
QUICK = (PYTHON, "-m", "tests.engine.quick")
# As on a terminal: what a shell runs in the background ignores Ctrl-C from the start.
_LISTENING = ("env", "--default-signal=INT")
_TAG = "MAGNETON_TEST"
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """A command that has ended; ``left`` are the processes that it left running."""

    status: int
    out: str
    error: str
    left: tuple[int, ...]

    def said(self, word: str) -> str:
        """The rest of the line of standard error that starts with ``word``.

        Raises:
            AssertionError: there is none.
        """
        lines = [line.strip() for line in self.error.split("\n")]
        found = [line for line in lines if line.startswith(f"{word}: ")]
        assert found, self.error
        return found[0].removeprefix(f"{word}: ")


def run(
    command: tuple[str, ...],
    workspace: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    interrupt_when: Callable[[], bool] | None = None,
) -> Ended:
    """Run ``command`` in ``workspace``; with ``interrupt_when``, as Ctrl-C does once it holds."""
    tag = uuid.uuid4().hex
    process = subprocess.Popen(
        [*_LISTENING, *command, *arguments],
        cwd=workspace,
        env={
            **os.environ,
            "PYTHONPATH": f"{_ROOT}:{_ROOT / 'server'}",
            _TAG: tag,
            **(environment or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if interrupt_when is not None:
        wait_until(interrupt_when)
        process.send_signal(signal.SIGINT)
    out, error = process.communicate()
    return Ended(process.returncode, out, error, tuple(_tagged(tag)))


def _tagged(tag: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if f"{_TAG}={tag}".encode() in variables:
            found.append(int(folder.name))
    return found
