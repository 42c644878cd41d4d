"""Draws ``docs/images/editor.png``: what VS Code shows after comparing the case hf-39073.

``python -m extension.scripts.screenshot``, from the root of the project (``make screenshot``).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.e2e.conftest import ROOT, VSIX
from tests.e2e.harness import tools
from tests.e2e.harness.editor import BROWSER_FLAGS, Editor
from tests.e2e.harness.server import Options, code_server
from tests.e2e.workspaces import copy_case

CASE = "hf-39073"
PICTURE = ROOT / "docs" / "images" / "editor.png"
RUN_MS, FADE_MS = 300_000, 1000


def draw(page: Page, address: str, workspace: Path) -> None:
    """Compare the case's two programs in the editor, point at the finding and take the picture."""
    editor = Editor(page, address, workspace)
    editor.open_file("b.py")
    editor.open_file("a.py")
    editor.run_command("Magneton: Compare…")
    editor.pick("a.py:build")
    editor.pick("b.py:build")
    squiggle = page.locator(".monaco-editor .squiggly-warning").first
    squiggle.wait_for(timeout=RUN_MS)
    editor.toast("modelled").wait_for()
    editor.run_command("Notifications: Clear All Notifications")
    page.keyboard.press("Control+b")  # hides the explorer
    hover = editor.hover(squiggle)
    # Below the diagnostic's message and places stands what the picture is about.
    hover.get_by_text("Magneton: performance").evaluate("title => title.scrollIntoView(true)")
    page.wait_for_timeout(FADE_MS)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURE)


def main() -> None:
    installed = tools.install()
    # VS Code gives a hover 250 pixels: a smaller type shows more of it.
    options = Options(settings=(("magneton.python", sys.executable), ("editor.fontSize", 12)))
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        workspace = copy_case(CASE, Path(scratch) / CASE)
        browser = playwright.chromium.launch(executable_path=installed.chromium, args=BROWSER_FLAGS)
        with code_server(installed, Path(scratch) / "vscode", VSIX, options) as address:
            draw(browser.new_page(viewport={"width": 1280, "height": 720}), address, workspace)
        browser.close()


if __name__ == "__main__":
    main()
