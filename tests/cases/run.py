"""Runs one variant through the command line, as a user would."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from magneton.engine.store import load_result
from magneton_agent.schema.result import Comparison

from .variants import Variant

_DIAGNOSE = "diagnose:"


@dataclass(frozen=True)
class Run:
    """What came out, and how long it took from the first progress of the diagnosis on: None where
    nothing was diagnosed."""

    result: Comparison
    diagnosis_s: float | None


def compare(variant: Variant, time_budget_s: float, flags: Sequence[str] = ()) -> Comparison:
    """The comparison's result alone, see :func:`timed`."""
    return timed(variant, time_budget_s, flags).result


def timed(variant: Variant, time_budget_s: float, flags: Sequence[str] = ()) -> Run:
    """The comparison; ``flags`` are further ones of the command line.

    Raises:
        RuntimeError: the command failed; the text holds what it said.
        TypeError: it wrote another kind of result.
    """
    file = variant.workspace / "result.json"
    command = [sys.executable, "-m", "magneton.cli.main", "compare"]
    command += [f"{variant.a}:{variant.factory}", f"{variant.b}:{variant.factory}"]
    command += ["--json", str(file), "--time-budget", str(time_budget_s), *flags]
    command += variant.arguments
    # Only progress is read, line by line as it comes: the report is in the file.
    with subprocess.Popen(
        command,
        cwd=variant.workspace,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said, begun_s = _heard(process.stderr or ())
    took_s = time.monotonic() - begun_s if begun_s is not None else None
    if process.returncode != 0:
        raise RuntimeError(f"{variant.case} {variant.kind}: exit {process.returncode}\n{said}")
    result = load_result(Path(file))
    if not isinstance(result, Comparison):
        raise TypeError(f"{file} holds no comparison")
    return Run(result, took_s)


def _heard(lines: Iterable[str]) -> tuple[str, float | None]:
    """All that was said, and when the diagnosis began."""
    said, begun_s = [], None
    for line in lines:
        if begun_s is None and line.startswith(_DIAGNOSE):
            begun_s = time.monotonic()
        said.append(line)
    return "".join(said), begun_s
