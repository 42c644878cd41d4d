"""Shows the fixes of a result as diffs, and makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from magneton.engine.writing import FileChange, changes_of, write_changes
from magneton.report.diff import unified_diff
from magneton.report.findings import fix_text, side_of
from magneton.report.printable import printable
from magneton_agent.schema.result import Comparison, Finding, Fix

from .output import write_out


def show_fixes(result: Comparison, workspace: Path) -> None:
    """Print every fix as a unified diff.

    Raises:
        MagnetonError: a file is no longer what was measured; standard output cannot be written.
    """
    found = list(_fixes(result, workspace))
    if not found:
        write_out("no fix: nothing that could be changed by itself was tried and helped\n")
    for finding, fix, changes in found:
        title = printable(f"fix[{finding.id}]: {fix_text(fix)}")
        diffs = "".join(unified_diff(each.name, each.before, each.after) for each in changes)
        write_out(f"\n{title}\n{diffs}")


def write_fixes(result: Comparison, workspace: Path) -> list[str]:
    """Make the fixes, those that save most first; what was done, in words. Of two that change one
    file only the first is made: they were not tried together.

    Raises:
        MagnetonError: a file is no longer what was measured, or cannot be written.
    """
    changed_by: dict[str, str] = {}
    told = []
    for finding, _, changes in list(_fixes(result, workspace)):
        names = [each.name for each in changes]
        if taken := [name for name in names if name in changed_by]:
            told.append(
                f"fix[{finding.id}] not written: fix[{changed_by[taken[0]]}] changed {taken[0]}, "
                "and the two were not tried together; compare again"
            )
            continue
        write_changes(changes)
        changed_by |= dict.fromkeys(names, finding.id)
        told.append(f"fix[{finding.id}] written to {', '.join(names)}")
    return told


def _fixes(
    result: Comparison, workspace: Path
) -> Iterator[tuple[Finding, Fix, tuple[FileChange, ...]]]:
    for finding in result.findings:
        if finding.fix is not None and finding.fix.tried:
            files = side_of(result, finding.wasteful_side).files
            yield finding, finding.fix, changes_of(workspace, finding.fix, files)
