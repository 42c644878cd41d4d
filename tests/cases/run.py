"""Runs one variant through the command line, as a user would."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from magneton.engine.store import load_result
from magneton_agent.schema.result import Comparison

from .variants import Variant


def compare(variant: Variant, time_budget_s: float, flags: Sequence[str] = ()) -> Comparison:
    """The comparison's result; ``flags`` are further ones of the command line.

    Raises:
        RuntimeError: the command failed; the text holds what it said.
        TypeError: it wrote another kind of result.
    """
    file = variant.workspace / "result.json"
    command = [sys.executable, "-m", "magneton.cli.main", "compare"]
    command += [f"{variant.a}:{variant.factory}", f"{variant.b}:{variant.factory}"]
    command += ["--json", str(file), "--time-budget", str(time_budget_s), *flags]
    command += variant.arguments
    done = subprocess.run(
        command, cwd=variant.workspace, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{variant.case} {variant.kind}: exit {done.returncode}\n{done.stderr}")
    result = load_result(Path(file))
    if not isinstance(result, Comparison):
        raise TypeError(f"{file} holds no comparison")
    return result
