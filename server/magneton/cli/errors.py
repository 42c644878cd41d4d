"""Prints an error as fact, cause, remedy."""

from __future__ import annotations

from typing import TextIO

from magneton.report.printable import printable
from magneton_agent.schema.errors import MagnetonError


def print_error(error: MagnetonError, stream: TextIO, severity: str = "error") -> None:
    """Write ``error`` to ``stream``; traceback and log only where the side left some."""
    lines = [f"{severity}: {printable(error.fact)}"]
    if error.cause:
        lines.append(f"  cause: {printable(error.cause)}")
    if error.remedy:
        lines.append(f"  remedy: {printable(error.remedy)}")
    if error.trace:
        lines += ["  traceback, your frames only:", *_indented(error.trace)]
    if error.log:
        lines += ["  the last lines that it printed:", *_indented(error.log)]
    print("\n".join(lines), file=stream)


def _indented(lines: tuple[str, ...]) -> list[str]:
    return [f"    {printable(line.rstrip())}" for line in lines]
