"""``magneton report FILE``: a result file for a reader."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from magneton.engine import store
from magneton.engine.files import write_atomically
from magneton.report import github, html, sarif, text
from magneton_agent.schema.errors import EXIT_DONE

from .. import output


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "report", allow_abbrev=False, help="turn a result file into a report"
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="written by compare or measure")
    parser.add_argument(
        "--format",
        choices=("text", "html", "json", "sarif", "github"),
        default="text",
        help="(default: text)",
    )
    parser.add_argument(
        "-o", dest="output", type=Path, metavar="FILE", help="instead of standard output"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the file and write the report. Returns the exit status."""
    result = store.load_result(arguments.file)
    workspace = store.workspace_of(arguments.file) or Path.cwd()
    if arguments.format == "text" and arguments.output is None:
        output.print_text(result, workspace)
        return EXIT_DONE
    report = _render(result, arguments.format, workspace)
    if arguments.output is None:
        output.write_out(report)
    else:
        write_atomically(arguments.output, report)
    return EXIT_DONE


def _render(result: store.Result, wanted: str, workspace: Path) -> str:
    if wanted == "json":
        return store.encode(result)
    if wanted == "html":
        return html.render(result, workspace)
    if wanted == "sarif":
        return sarif.render(result)
    if wanted == "github":
        return github.render(result)
    return text.render(result, workspace)
