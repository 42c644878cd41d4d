"""``magneton compare A B``: where two programs that do the same differ in energy, and why."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from magneton.engine import store
from magneton.engine.comparison import compare
from magneton.engine.request import CompareRequest, SideRequest
from magneton_agent.schema.errors import EXIT_DONE, EXIT_FAIL_ON, MagnetonError
from magneton_agent.schema.judging import Thresholds

from .. import output
from ..errors import print_error
from ..fixes import show_fixes, write_fixes
from ..gate import CLASSES, failing, fails
from ..options import add_run_options, check_step, interpreter, run_options, threshold
from ..progress import shown
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "compare", allow_abbrev=False, help="compare the energy of two programs"
    )
    parser.add_argument(
        "a",
        metavar="A",
        help="file.py:name, module:name or a script, as it is or @REVISION; or a trace",
    )
    parser.add_argument("b", metavar="B", help="the same work, done otherwise")
    parser.add_argument(
        "--threshold",
        type=threshold,
        default=0.10,
        metavar="SHARE",
        help="difference in a region's energy that counts (default: 0.10)",
    )
    parser.add_argument(
        "--time-threshold",
        type=threshold,
        default=Thresholds.time,
        metavar="SHARE",
        help="difference in its time that makes a side the faster one (default: 0.01)",
    )
    add_run_options(parser)
    parser.add_argument("--python-a", type=interpreter, metavar="PATH", help="for side A alone")
    parser.add_argument("--python-b", type=interpreter, metavar="PATH", help="for side B alone")
    parser.add_argument("--args-b", type=shlex.split, default=[], metavar="ARGS", help="of side B")
    parser.add_argument(
        "--fail-on",
        type=failing,
        default=frozenset(),
        metavar="CLASS,…",
        help=f"exit with 1 if the verdict or a finding is one of {', '.join(CLASSES)}; "
        "a:CLASS: only where side A is the costlier one",
    )
    parser.add_argument(
        "--record-masks",
        action="store_true",
        help="give side B the random numbers of side A, so that dropout in another order matches",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="try what would put the causes right, and print what helps as a diff",
    )
    parser.add_argument("--write", action="store_true", help="with --fix: change the files, too")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, show, keep, fix. Returns the exit status."""
    if arguments.write and not arguments.fix:
        raise MagnetonError("--write needs --fix", "only what was tried is written", "Add --fix.")
    check_step(arguments.step, arguments.a, arguments.b)
    request = CompareRequest(
        workspace=str(Path.cwd()),
        a=_side(arguments.a, arguments.python_a or arguments.python, arguments.args_a),
        b=_side(arguments.b, arguments.python_b or arguments.python, arguments.args_b),
        options=replace(
            run_options(arguments),
            threshold=arguments.threshold,
            record_masks=arguments.record_masks,
            time_threshold=arguments.time_threshold,
            fix=arguments.fix,
        ),
    )
    _remember(request)
    with shown(sys.stderr) as on_progress:
        result = finished(compare(request, on_progress))
    workspace = Path(request.workspace)
    output.deliver(result, workspace, arguments.json)
    if arguments.fix and arguments.json != output.STANDARD_OUTPUT:
        show_fixes(result, workspace)
    for line in write_fixes(result, workspace) if arguments.write else ():
        print(line, file=sys.stderr)
    return EXIT_FAIL_ON if fails(result, arguments.fail_on) else EXIT_DONE


def _side(target: str, python: str, program_arguments: list[str]) -> SideRequest:
    return SideRequest(target, python, tuple(program_arguments))


def _remember(request: CompareRequest) -> None:
    try:
        store.save_request(Path(request.workspace), request)
    except MagnetonError as error:  # only "run again" in the editor needs it
        print_error(error, sys.stderr, severity="warning")
