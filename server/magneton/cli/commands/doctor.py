"""``magneton doctor``: what works here, and what each figure will be."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from magneton.engine.doctor import examine
from magneton.report import doctor
from magneton_agent.schema.errors import EXIT_DONE, EXIT_SIDE_FAILED

from ..options import add_python
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "doctor", allow_abbrev=False, help="check interpreter, torch and sensors"
    )
    add_python(parser, "the interpreter to examine")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine and tell. Returns 0 where comparisons can run, else 3."""
    examination = finished(examine(arguments.python))
    sys.stdout.write(doctor.render(examination))
    return EXIT_DONE if doctor.usable(examination) else EXIT_SIDE_FAILED
