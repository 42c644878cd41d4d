"""A result that is in the workspace is shown when its file is opened."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from .conftest import OpenEditor
from .harness.editor import PATIENCE_MS, Editor
from .harness.server import Options
from .workspaces import stored_result

SQUIGGLE = ".monaco-editor .squiggly-warning"


def test_mark_follows_an_edit_above_it(open_editor: OpenEditor, tmp_path: Path) -> None:
    editor = open_editor(stored_result(tmp_path / "workspace"))
    editor.open_file("a.py")
    squiggle = editor.page.locator(SQUIGGLE).first
    squiggle.wait_for()
    before = _top(editor)
    editor.insert_above(5, "    # two lines")
    editor.insert_above(5, "    # above the range")
    line_height = editor.page.locator(".view-line").first.bounding_box()
    assert line_height is not None
    editor.page.wait_for_function(
        "([selector, top]) => document.querySelector(selector)?.getBoundingClientRect().top > top",
        arg=[SQUIGGLE, before + 1.5 * line_height["height"]],
    )
    text = editor.hover(squiggle)
    expect(text).to_contain_text("activation", timeout=PATIENCE_MS)


def test_untrusted_workspace_shows_results_and_runs_nothing(
    open_editor: OpenEditor, tmp_path: Path
) -> None:
    editor = open_editor(stored_result(tmp_path / "workspace"), Options(trusted=False))
    editor.open_file("a.py")
    squiggle = editor.page.locator(SQUIGGLE).first
    squiggle.wait_for()
    expect(editor.hover(squiggle)).to_contain_text("modelled", timeout=PATIENCE_MS)
    editor.run_command("Magneton: Measure Function")
    editor.pick("a.py:build")
    refusal = editor.toast("nothing is run in this workspace")
    expect(refusal).to_contain_text("not trusted", timeout=PATIENCE_MS)
    expect(refusal.get_by_role("button", name="Manage Workspace Trust")).to_be_visible()


def test_results_are_cleared(open_editor: OpenEditor, tmp_path: Path) -> None:
    editor = open_editor(stored_result(tmp_path / "workspace"))
    editor.open_file("a.py")
    editor.page.locator(SQUIGGLE).first.wait_for()
    editor.run_command("Magneton: Clear Results")
    expect(editor.page.locator(SQUIGGLE)).to_have_count(0, timeout=PATIENCE_MS)


def test_result_file_is_opened(open_editor: OpenEditor, tmp_path: Path) -> None:
    workspace = stored_result(tmp_path / "workspace")
    result = (workspace / ".magneton" / "last.json").rename(tmp_path / "kept.json")
    editor = open_editor(workspace)
    editor.open_file("a.py")
    editor.run_command("Magneton: Open Result File…")
    editor.choose_file(result, button="Show Result")
    editor.page.locator(SQUIGGLE).first.wait_for()


def _top(editor: Editor) -> float:
    box = editor.page.locator(SQUIGGLE).first.bounding_box()
    assert box is not None
    return box["y"]
