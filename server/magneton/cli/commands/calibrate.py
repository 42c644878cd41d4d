"""``magneton calibrate``: fits the power model of a device to kernels measured on it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from magneton.engine.calibration import CalibrateRequest, calibrate
from magneton.engine.devices import path_of, write_model
from magneton.report import calibration
from magneton_agent.schema.errors import EXIT_DONE

from .. import output
from ..options import add_python, device, json_file
from ..progress import shown
from ..stopping import finished


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "calibrate", allow_abbrev=False, help="fit the power model to the device at hand"
    )
    parser.add_argument(
        "--device",
        type=device,
        default="auto",
        metavar="auto|cpu|cuda:N",
        help="what to calibrate (default: auto, a GPU where there is one)",
    )
    parser.add_argument(
        "--meter",
        choices=("auto", "nvml", "rapl"),
        default="auto",
        help="what measures it (default: auto)",
    )
    add_python(parser, "an interpreter with torch")
    parser.add_argument(
        "-o",
        dest="file",
        type=json_file,
        metavar="FILE",
        help="write the coefficients here, not into the user's data folder",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Calibrate, show, keep. Returns the exit status."""
    request = CalibrateRequest(arguments.device, arguments.python, arguments.meter)
    with shown(sys.stderr) as on_progress:
        model = finished(calibrate(request, on_progress))
    path = arguments.file or path_of(model.names[0])
    write_model(path, model)
    output.write_out(f"{calibration.render(model)}\nwritten to {path}\n")
    return EXIT_DONE
