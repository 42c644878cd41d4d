"""Runs the extension's mocha tests inside VS Code's extension host."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path

from playwright.sync_api import Page

from .editor import PATIENCE_MS

_POLL_MS = 100


def run_in_host(
    page: Page, address: str, workspace: Path, extension: Path, index: Path
) -> tuple[int, str]:
    """Load ``extension`` from its folder and call ``run()`` of ``index``, named without ``.js``.

    Returns the exit code, 0 if all tests passed, and what they printed.
    """
    lines: list[str] = []
    codes: list[int] = []

    def print_line(kind: str, values: list[object]) -> None:
        if len(values) > 1:  # mocha prints a format and its arguments, VS Code whole lines
            lines.append(" ".join(map(str, values[1:])))

    page.expose_function("codeAutomationLog", print_line)
    page.expose_function("codeAutomationExit", lambda code, logs: codes.append(code))
    remote = "vscode-remote://" + urllib.parse.urlsplit(address).netloc
    payload = [
        ["extensionDevelopmentPath", f"{remote}{extension}"],
        ["extensionTestsPath", f"{remote}{index}"],
        ["skipWelcome", "true"],
    ]
    query = urllib.parse.urlencode({"folder": str(workspace), "payload": json.dumps(payload)})
    page.goto(f"{address}/?{query}")
    waited_ms = 0
    while not codes and waited_ms < PATIENCE_MS:
        page.wait_for_timeout(_POLL_MS)
        waited_ms += _POLL_MS
    return (codes[0] if codes else -1), "\n".join(lines)
