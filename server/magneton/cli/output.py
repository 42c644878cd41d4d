"""Shows a result and keeps it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TextIO

from magneton.engine import store
from magneton.report import text
from magneton_agent.schema.errors import MagnetonError

from .errors import print_error

_NARROWEST, _WIDEST, _WITHOUT_TERMINAL = 60, 120, 100
STANDARD_OUTPUT = Path("-")


def deliver(result: store.Result, workspace: Path, json_file: Path | None) -> None:
    """Keep ``result`` as the workspace's newest, show it, and write ``json_file``.

    Raises:
        MagnetonError: ``json_file`` or standard output could not be written; the other was. Or
            ``json_file`` was asked for, and the result is not valid.
    """
    try:
        with store.faults_told():
            store.save_result(workspace, result)
    except MagnetonError as error:  # a folder that only allows reading must not stop the work
        print_error(error, sys.stderr, severity="warning")
    if json_file == STANDARD_OUTPUT:
        with store.faults_told():
            encoded = store.encode(result)
        write_out(encoded)
        return
    try:
        print_text(result, workspace)
    finally:
        if json_file is not None:
            with store.faults_told():
                store.write_result(json_file, result)


def print_text(result: store.Result, workspace: Path) -> None:
    """The text report, as wide and colourful as standard output allows."""
    width, colour = terminal_width(sys.stdout), uses_colour(sys.stdout)
    write_out(text.render(result, workspace, width, colour))


def write_out(report: str) -> None:
    """Write ``report`` to standard output. A reader who has had enough (``| head``) is no error.

    Raises:
        MagnetonError: it could not be written.
    """
    try:
        sys.stdout.write(report)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not fail once more when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise MagnetonError(
                "standard output could not be written",
                (error.strerror or str(error)).lower(),
                "Free some space, or send the output elsewhere.",
            ) from error


def terminal_width(stream: TextIO) -> int:
    if not stream.isatty():
        return _WITHOUT_TERMINAL
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def uses_colour(stream: TextIO) -> bool:
    """Only on a terminal, and not against https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
