"""``magneton measure A``: where one program spends energy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from magneton.engine.measurement import measure
from magneton.engine.request import MeasureRequest, SideRequest
from magneton_agent.schema.errors import EXIT_DONE

from .. import output
from ..options import add_run_options, check_step, run_options
from ..progress import shown
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "measure", allow_abbrev=False, help="show where one program spends energy"
    )
    parser.add_argument(
        "a",
        metavar="A",
        help="file.py:name, module:name or a script, as it is or @REVISION; or a trace",
    )
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure, show, keep. Returns the exit status."""
    check_step(arguments.step, arguments.a)
    request = MeasureRequest(
        workspace=str(Path.cwd()),
        a=SideRequest(arguments.a, arguments.python, tuple(arguments.args_a)),
        options=run_options(arguments),
    )
    with shown(sys.stderr) as on_progress:
        result = finished(measure(request, on_progress))
    output.deliver(result, Path(request.workspace), arguments.json)
    return EXIT_DONE
