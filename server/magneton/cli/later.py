"""Parts of the published command line that this version does not have, each said so."""

from __future__ import annotations

from typing import Any, NoReturn

from magneton import __version__
from magneton_agent.schema.errors import MagnetonError

# What is not there yet, and what to do instead.
_INSTEAD = {
    "what-if": "Write the changed program as a second target and use compare.",
}


def refuse(feature: str) -> NoReturn:
    """
    Raises:
        MagnetonError: always; ``feature`` is a key of the table above.
    """
    raise MagnetonError(
        f"{feature} is not available in Magneton {__version__}",
        "the command line reserves it for a later version",
        _INSTEAD[feature],
    )


def add_later_commands(commands: Any) -> None:
    """Register the commands of later versions, so that they are refused by name."""
    parser = commands.add_parser("what-if", add_help=False, prefix_chars="\0")
    parser.add_argument("rest", nargs="*")
    parser.set_defaults(run=lambda arguments: refuse(arguments.command))
