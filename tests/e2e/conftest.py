"""One browser for all editor tests; a server and a workspace of its own for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .harness import tools
from .harness.editor import BROWSER_FLAGS, Editor
from .harness.server import Options, code_server

ROOT = Path(__file__).parents[2]
VSIX = ROOT / "dist" / "magneton-linux-x64.vsix"
OpenEditor = Callable[..., Editor]


@pytest.fixture(scope="session")
def installed() -> tools.Tools:
    assert VSIX.exists(), "make e2e builds the extension before it runs these tests"
    return tools.install()


@pytest.fixture(scope="package")
def browser(installed: tools.Tools) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed.chromium, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_editor(installed: tools.Tools, browser: Browser, tmp_path: Path) -> Iterator[OpenEditor]:
    """Opens a folder in a fresh VS Code that has the extension installed."""
    with ExitStack() as stack:

        def start(workspace: Path, options: Options | None = None) -> Editor:
            chosen = options or Options(settings=(("magneton.python", sys.executable),))
            server = code_server(installed, tmp_path / "vscode", VSIX, chosen)
            address = stack.enter_context(server)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            stack.callback(page.close)
            return Editor(page, address, workspace)

        yield start
