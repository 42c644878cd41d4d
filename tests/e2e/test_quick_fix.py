"""A fix that was tried is a quick fix in the editor."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .conftest import OpenEditor
from .harness.editor import PATIENCE_MS
from .workspaces import stored_result


def test_a_fix_edits_the_buffer_and_not_the_file(open_editor: OpenEditor, tmp_path: Path) -> None:
    workspace = stored_result(tmp_path / "workspace")
    on_disk = (workspace / "a.py").read_text()
    editor = open_editor(workspace)
    editor.open_file("a.py")
    squiggle = editor.page.locator(".monaco-editor .squiggly-warning")
    squiggle.first.wait_for()
    offered = editor.quick_fix(6, 25, "Magneton: call square()")
    expect(offered).to_contain_text("saves 400 mJ", timeout=PATIENCE_MS)
    offered.click()
    changed = editor.page.locator(".view-line", has_text="layer(torch.ones(4)).square()")
    expect(changed).to_be_visible(timeout=PATIENCE_MS)
    # What was measured is not there any more.
    expect(squiggle).to_have_count(0, timeout=PATIENCE_MS)
    assert (workspace / "a.py").read_text() == on_disk
