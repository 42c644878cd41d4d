"""``python -m tests.engine.quick [--memory BYTES] [--file-size BYTES] ...``: the command line, with
as few measurements as give a result, and with little memory or room where asked."""

from __future__ import annotations

import argparse
import resource
import sys

from magneton.cli.main import main
from magneton.engine import schedule


def run() -> int:
    """Run ``magneton`` with the arguments that are not this module's own."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--memory", type=int)
    parser.add_argument("--file-size", type=int)
    own, arguments = parser.parse_known_args()
    for kind, limit in (
        (resource.RLIMIT_AS, own.memory),
        (resource.RLIMIT_FSIZE, own.file_size),
    ):
        if limit is not None:
            resource.setrlimit(kind, (limit, limit))
    schedule.BLOCKS, schedule._FEWEST_WINDOWS = 1, 1
    return main([*arguments, "--time-budget", "0.01"])


if __name__ == "__main__":
    sys.exit(run())
