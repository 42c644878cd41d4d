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
_STANDARD_OUTPUT = Path("-")


def deliver(result: store.Result, workspace: Path, json_file: Path | None) -> None:
    """Keep ``result`` as the workspace's newest, show it, and write ``json_file``.

    Raises:
        MagnetonError: ``json_file`` could not be written; the result has been shown by then.
    """
    try:
        store.save_result(workspace, result)
    except MagnetonError as error:  # a folder that only allows reading must not stop the work
        print_error(error, sys.stderr, severity="warning")
    if json_file == _STANDARD_OUTPUT:
        sys.stdout.write(store.encode(result))
        return
    print_text(result, workspace)
    if json_file is not None:
        store.write_result(json_file, result)


def print_text(result: store.Result, workspace: Path) -> None:
    """The text report, as wide and colourful as standard output allows."""
    width, colour = terminal_width(sys.stdout), uses_colour(sys.stdout)
    sys.stdout.write(text.render(result, workspace, width, colour))


def terminal_width(stream: TextIO) -> int:
    if not stream.isatty():
        return _WITHOUT_TERMINAL
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def uses_colour(stream: TextIO) -> bool:
    """Only on a terminal, and not against https://no-color.org."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
