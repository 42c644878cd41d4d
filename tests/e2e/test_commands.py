"""The palette offers the user's commands, and only those."""

from __future__ import annotations

from pathlib import Path

from .conftest import OpenEditor


def test_palette_lists_the_commands_of_users(open_editor: OpenEditor, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "a.py").write_text("print()\n")
    editor = open_editor(workspace)
    editor.open_file("a.py")
    assert sorted(editor.listed_commands("Magneton: ")) == [
        "Magneton: Clear Results",
        "Magneton: Compare with Revision…",
        "Magneton: Compare…",
        "Magneton: Doctor",
        "Magneton: Measure Function",
        "Magneton: Open Result File…",
        "Magneton: Run Last Comparison Again",
        "Magneton: Show Report",
        "Magneton: What If…",
    ]
