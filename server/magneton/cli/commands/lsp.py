"""``magneton lsp``: the language server on standard input and output."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "lsp", allow_abbrev=False, help="serve an editor on standard input and output"
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Serve until the editor goes. Returns the exit status."""
    from magneton.lsp.main import main  # the other commands need no pygls

    return main()
