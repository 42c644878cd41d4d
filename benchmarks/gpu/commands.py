"""Runs the command line on the programs of this folder; result files go to ``$OUT``, or here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE, FOLDER = Path(__file__).parent, Path(os.environ.get("OUT", ".")).resolve()


def magneton(name: str, arguments: Sequence[str]) -> tuple[str | None, float]:
    """What ``magneton`` printed, and how long it took, s; None where it failed, which is printed
    under ``name``."""
    start = time.monotonic()
    command = [sys.executable, "-m", "magneton.cli.main", *arguments]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    wall_s = time.monotonic() - start
    if done.returncode:
        print(f"{name} | exit {done.returncode}\n{done.stdout}{done.stderr}", flush=True)
        return None, wall_s
    return done.stdout, wall_s
