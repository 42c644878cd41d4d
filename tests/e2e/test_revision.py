"""A working file compared with the revision of it that git has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.engine.repositories import commit, git

from .conftest import OpenEditor
from .harness.editor import PATIENCE_MS
from .harness.server import Options
from .workspaces import CASES

pytestmark = pytest.mark.quiet

RUN_MS = 300_000


def test_what_a_change_costs_is_marked_in_the_working_file(
    open_editor: OpenEditor, tmp_path: Path
) -> None:
    settings = (("magneton.python", sys.executable), ("magneton.timeBudget", 5))
    options = Options(settings=(*settings, ("git.enabled", True)))
    editor = open_editor(changed_program(tmp_path / "workspace"), options)
    editor.open_file("a.py")
    editor.run_command("Magneton: Compare with Revision…")
    editor.pick("a.py:build")
    editor.pick("Use the symmetric solver")
    editor.page.locator(".monaco-editor .squiggly-warning").first.wait_for(timeout=RUN_MS)
    found = editor.problems("torch.linalg.eigvals(matrix)")
    expect(found.first).to_be_visible(timeout=PATIENCE_MS)


def changed_program(workspace: Path) -> Path:
    """A repository whose commit solves as hf-34570's efficient side does; the file that is there
    solves as the wasteful one."""
    workspace.mkdir()
    git(workspace, "init", "--quiet", "--initial-branch=main")
    path, case = workspace / "a.py", CASES / "hf-34570"
    commit(workspace, path, (case / "b.py").read_text(), "Use the symmetric solver")
    path.write_text((case / "a.py").read_text())
    return workspace
