"""Entry point of ``magneton``: picks the command, turns errors into messages and exit statuses."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from collections.abc import Callable, Sequence

from magneton import __version__
from magneton_agent.schema.errors import EXIT_STOPPED, MagnetonError

from .commands import calibrate, compare, doctor, lsp, measure, report, trace, what_if
from .errors import print_error


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status (design: The command line)."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Reports hold µ and …, result files anything: half a surrogate pair, too.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        arguments = build_parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except MagnetonError as error:
        print_error(error, sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):  # the terminal may be what has gone
            print("cancelled; earlier results are unchanged", file=sys.stderr)
        return EXIT_STOPPED


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="magneton",
        description="Compares the energy of two PyTorch programs that do the same.",
        epilog="Exit status: 0 done; 1 --fail-on met; 2 usage; 3 a program failed; "
        "4 timed out or cancelled.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"magneton {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (compare, measure, what_if, trace, report, doctor, calibrate, lsp):
        command.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
