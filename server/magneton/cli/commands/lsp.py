"""``magneton lsp``: the language server on standard input and output."""

from __future__ import annotations

import argparse
from typing import Any

from magneton_agent.schema.errors import EXIT_DONE


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "lsp", allow_abbrev=False, help="serve an editor on standard input and output"
    )
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Serve until the editor goes."""
    from magneton.lsp.server import main  # the other commands need no pygls

    main()
    return EXIT_DONE
