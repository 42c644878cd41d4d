"""``magneton trace A -o FILE``: one program's side of a comparison, kept for later."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from magneton.engine.request import MeasureRequest, SideRequest
from magneton.engine.trace.store import SUFFIX
from magneton.engine.trace.taking import take_trace
from magneton.report.printable import printable
from magneton_agent.schema.errors import EXIT_DONE

from .. import output
from ..options import add_program_options, check_step, engine_options, json_file
from ..progress import shown
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "trace", allow_abbrev=False, help="keep one program's side of a comparison in a file"
    )
    parser.add_argument(
        "a", metavar="A", help="file.py:name, module:name or a script, as it is or @REVISION"
    )
    parser.add_argument(
        "-o",
        dest="file",
        type=trace_file,
        required=True,
        metavar="FILE",
        help=f"the trace, by custom named *{SUFFIX}; compare takes it in the place of a program",
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trace and write. Returns the exit status."""
    check_step(arguments.step, arguments.a)
    request = MeasureRequest(
        workspace=str(Path.cwd()),
        a=SideRequest(arguments.a, arguments.python, tuple(arguments.args_a)),
        options=engine_options(arguments),
    )
    with shown(sys.stderr) as on_progress:
        trace = finished(take_trace(request, arguments.file, on_progress))
    size = arguments.file.stat().st_size
    output.write_out(
        f"{arguments.file}: {len(trace.recording.operators)} operators of "
        f"{printable(trace.target)}, {len(trace.first.samples)} windows of whole steps, "
        f"{size / 1e6:.1f} MB\n"
    )
    return EXIT_DONE


def trace_file(text: str) -> Path:
    """A file that can be written. Raises as ``json_file``."""
    if text == "-":
        raise argparse.ArgumentTypeError("a trace is written to a file, not to standard output")
    return json_file(text)
