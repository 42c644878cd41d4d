"""``magneton what-if A``: what one program would take under settings that it does not make."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from magneton.engine.declared import declared_knob
from magneton.engine.request import SideRequest, WhatIfRequest
from magneton.engine.what_if import what_if
from magneton_agent.schema.errors import EXIT_DONE

from .. import output
from ..options import add_run_options, check_step, run_options
from ..progress import shown
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "what-if",
        allow_abbrev=False,
        help="show what one program would save under settings that it does not make",
    )
    parser.add_argument(
        "a", metavar="A", help="file.py:name, module:name or a script, as it is or @REVISION"
    )
    parser.add_argument(
        "--knob",
        dest="knobs",
        type=declared_knob,
        action="append",
        default=[],
        metavar="NAME=VALUE,…",
        help="also try these values of the target's parameter NAME; with --per NAME=N the energy "
        "is that of one of what it counts",
    )
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, try, show, keep. Returns the exit status."""
    check_step(arguments.step, arguments.a)
    request = WhatIfRequest(
        workspace=str(Path.cwd()),
        a=SideRequest(arguments.a, arguments.python, tuple(arguments.args_a)),
        options=run_options(arguments),
        knobs=tuple(arguments.knobs),
    )
    with shown(sys.stderr) as on_progress:
        result = finished(what_if(request, on_progress))
    output.deliver(result, Path(request.workspace), arguments.json)
    return EXIT_DONE
