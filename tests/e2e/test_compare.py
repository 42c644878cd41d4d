"""A comparison started from the palette, and all that the editor shows of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import OpenEditor
from .harness.editor import PATIENCE_MS
from .harness.server import Options
from .workspaces import copy_case

pytestmark = pytest.mark.quiet

RUN_MS = 300_000  # a comparison on a slow machine


def test_compare_shows_the_finding_on_its_range(open_editor: OpenEditor, tmp_path: Path) -> None:
    settings = (
        ("magneton.python", sys.executable),
        ("magneton.timeBudget", 15),
        ("magneton.tryFixes", False),  # the command line's tests try them
    )
    workspace = copy_case("hf-39073", tmp_path / "workspace")
    editor = open_editor(workspace, Options(settings=settings))
    editor.open_file("b.py")
    editor.open_file("a.py")
    editor.run_command("Magneton: Compare…")
    editor.pick("a.py:build")
    editor.pick("b.py:build")
    progress = editor.toast("Comparing a.py:build with b.py:build")
    expect(progress.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE_MS)

    squiggle = editor.page.locator(".monaco-editor .squiggly-warning").first
    squiggle.wait_for(timeout=RUN_MS)
    expect(progress).to_be_hidden(timeout=PATIENCE_MS)
    done = editor.toast("modelled").get_by_role("button", name="Show Report")
    expect(done).to_be_visible(timeout=PATIENCE_MS)
    lens = editor.page.locator(".monaco-editor .codelens-decoration", has_text="modelled")
    lens.first.wait_for()
    hover = editor.hover(squiggle)
    expect(hover).to_contain_text("activation_function", timeout=PATIENCE_MS)
    expect(hover).to_contain_text("gelu_pytorch_tanh")
    expect(hover).to_contain_text("modelled")
    expect(editor.problems("activation_function").first).to_be_visible(timeout=PATIENCE_MS)

    expect(editor.page.locator(".statusbar")).not_to_contain_text("comparing")
    editor.run_command("Magneton: Show Report")
    report = editor.page.frame_locator("iframe.webview").frame_locator("#active-frame")
    expect(report.locator("body")).to_contain_text("activation_function", timeout=PATIENCE_MS)
