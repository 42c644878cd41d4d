"""Flags that ``compare`` and ``measure`` share, and the request's parts made from them."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from magneton.engine.request import Options, per_of
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.judging import Thresholds

_METERS = ("auto", "nvml", "rapl", "model")
_LOG = "csv:"


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Where and how long to run, and what to write."""
    add_program_options(parser)
    parser.add_argument(
        "--json", type=json_file, metavar="FILE", help="write the result file; - is standard output"
    )
    parser.add_argument(
        "--detail",
        choices=("findings", "operators"),
        default="findings",
        help="operators: list every operator in the result file",
    )
    parser.add_argument(
        "--per",
        type=per_of,
        metavar="UNIT=N",
        help="also give the energy of one of the N tokens, samples, … that a step does",
    )
    parser.add_argument(
        "--nproc",
        type=above_none,
        default=1,
        metavar="N",
        help="launch each side as N ranks under torchrun, and compare rank with rank",
    )
    parser.add_argument(
        "--smallest-share",
        type=threshold,
        default=Thresholds.region,
        metavar="SHARE",
        help="part of a step's energy below which nothing is judged (default: 0.01)",
    )


def add_program_options(parser: argparse.ArgumentParser) -> None:
    """Where and how long to run."""
    parser.add_argument(
        "--meter",
        type=meter,
        default="auto",
        metavar="auto|nvml|rapl|model|csv:FILE",
        help="where energy comes from (default: auto, a sensor where one answers); csv: is the "
        "log of a meter that is running",
    )
    parser.add_argument(
        "--device", type=device, default="auto", metavar="auto|cpu|cuda:N", help="where to run"
    )
    add_python(parser, "the interpreter that runs the program")
    parser.add_argument(
        "--args-a",
        type=shlex.split,
        default=[],
        metavar="ARGS",
        help="the program's arguments, one word: --args-a='--size 3'",
    )
    parser.add_argument(
        "--step", metavar="NAME", help="the function of a script whose calls are the steps"
    )
    parser.add_argument(
        "--time-budget",
        type=above_zero,
        default=60.0,
        metavar="S",
        help="seconds to aim at for measuring (default: 60); what stays undecided is timed longer, "
        "and looking for causes and trying settings or fixes comes on top, which can take minutes",
    )
    parser.add_argument(
        "--timeout",
        type=above_zero,
        default=300.0,
        metavar="S",
        help="seconds that a program may take for one answer (default: 300)",
    )


def add_python(parser: argparse.ArgumentParser, what: str) -> None:
    """``--python``, which is ``what``."""
    parser.add_argument(
        "--python",
        type=interpreter,
        default=sys.executable,
        metavar="PATH",
        help=f"{what} (default: this one)",
    )


def engine_options(arguments: argparse.Namespace) -> Options:
    """The engine's options from the flags of :func:`add_program_options`."""
    chosen: str = arguments.meter
    power_log = chosen.removeprefix(_LOG) if chosen.startswith(_LOG) else None
    return Options(
        meter="csv" if power_log is not None else arguments.meter,
        device=arguments.device,
        step=arguments.step,
        time_budget_s=arguments.time_budget,
        timeout_s=arguments.timeout,
        power_log=power_log,
    )


def check_step(step: str | None, *targets: str) -> None:
    """Refuse ``--step`` where no target is a script, and so none would heed it.

    Raises:
        MagnetonError: none is.
    """
    if step is None or not all(":" in target for target in targets):
        return
    raise MagnetonError(
        f"--step {step} has nothing to name a step of",
        "it is for scripts; a target with a name is the step, or builds it",
        f"leave --step out, or name a script: {targets[0].partition(':')[0]}",
    )


def run_options(arguments: argparse.Namespace) -> Options:
    """The engine's options from the flags of :func:`add_run_options`."""
    return replace(
        engine_options(arguments),
        detail_operators=arguments.detail == "operators",
        smallest_share=arguments.smallest_share,
        per=arguments.per,
        nproc=arguments.nproc,
    )


def meter(text: str) -> str:
    """The name of a meter, or ``csv:`` with the log that an external one is writing.

    Raises:
        MagnetonError: there is no such log, or no name of one.
    """
    if text in _METERS:
        return text
    if not text.startswith(_LOG):
        names = ", ".join(_METERS)
        raise argparse.ArgumentTypeError(f"{text!r} is none of {names}, {_LOG}FILE")
    if text == _LOG:
        raise MagnetonError(
            f"--meter {_LOG} names no file",
            "the log that the meter writes is read from it",
            f"Name it: --meter {_LOG}power.csv.",
        )
    path = Path(text.removeprefix(_LOG))
    if not path.is_file():
        raise MagnetonError(
            f"there is no meter's log {path}",
            "a meter must be writing it while the programs run",
            "Start the logger first, and name the file that it writes.",
        )
    return f"{_LOG}{path.resolve()}"


def device(text: str) -> str:
    """auto, cpu, or cuda:N; cuda is cuda:0."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is none of auto, cpu, cuda:N")
    return "cuda:0" if text == "cuda" else text


def above_zero(text: str) -> float:
    """A finite number greater than 0."""
    return _number(text, lambda value: 0 < value < float("inf"), "a number above 0")


def above_none(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def threshold(text: str) -> float:
    """A share between 0 and 1."""
    return _number(text, lambda value: 0 < value < 1, "between 0 and 1 (0.10 is 10 %)")


def interpreter(text: str) -> str:
    """An absolute path; links are kept, because a virtual environment's Python is one."""
    return os.path.abspath(shutil.which(text) or text)  # noqa: PTH100 resolve() follows links


def json_file(text: str) -> Path:
    """A file that can be written, found out before minutes of measuring.

    Raises:
        MagnetonError: its folder is missing, or it is a folder itself.
    """
    path = Path(text)
    if text != "-" and not path.parent.is_dir():
        raise MagnetonError(
            f"{path} cannot be written", "its folder does not exist", f"Create {path.parent} first."
        )
    if path.is_dir():
        raise MagnetonError(f"{path} cannot be written", "it is a folder", "Name a file in it.")
    return path


def _number(text: str, accepted: Callable[[float], bool], expected: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not accepted(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not {expected}")
    return value
