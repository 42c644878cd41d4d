"""What becomes of runs that do not end well, and of a server that does not."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import expect

from .conftest import OpenEditor
from .harness.editor import PATIENCE_MS
from .harness.server import Options
from .processes import runs, wait_until, with_argument
from .workspaces import program

ENDLESS = """\
import os, pathlib, time
import torch


def build():
    def step():
        pathlib.Path(__file__).with_name("pid").write_text(str(os.getpid()))
        time.sleep(600)

    return step
"""
RAISING = """\
import torch


def build():
    raise OSError("no such weights")
"""
TERMINATION_S = 10.0


def test_cancelling_ends_the_program(open_editor: OpenEditor, tmp_path: Path) -> None:
    workspace = program(tmp_path / "workspace", ENDLESS)
    editor = open_editor(workspace)
    editor.open_file("a.py")
    editor.run_command("Magneton: Measure Function")
    editor.pick("a.py:build")
    progress = editor.toast("Measuring a.py:build")
    progress.wait_for()
    noted = workspace / "pid"
    wait_until(lambda: noted.exists() and noted.read_text() != "")
    worker = int(noted.read_text())
    assert runs(worker)
    progress.get_by_role("button", name="Cancel").click()
    wait_until(lambda: not runs(worker), TERMINATION_S)
    expect(progress).to_be_hidden(timeout=PATIENCE_MS)
    expect(editor.page.locator(".statusbar")).to_contain_text("the run was cancelled")


def test_failure_is_told_with_its_log(open_editor: OpenEditor, tmp_path: Path) -> None:
    editor = open_editor(program(tmp_path / "workspace", RAISING))
    editor.open_file("a.py")
    editor.run_command("Magneton: Measure Function")
    editor.pick("a.py:build")
    failure = editor.toast("no such weights")
    failure.wait_for()
    failure.get_by_role("button", name="Show Log").click()
    # VS Code fills its logs by a native module that is missing here: extension/test/runs.ts reads
    # what is written to them.
    editor.page.get_by_role("textbox", name="Magneton - Output").wait_for(state="attached")


def test_server_comes_back_after_a_crash(open_editor: OpenEditor, tmp_path: Path) -> None:
    editor = open_editor(program(tmp_path / "workspace", RAISING))
    editor.open_file("a.py")
    lens = editor.page.locator(".monaco-editor .codelens-decoration", has_text="Measure")
    lens.first.wait_for()
    script = str(tmp_path / "vscode" / "extensions")
    (first,) = with_argument(f"{script}/magneton.magneton")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: with_argument(f"{script}/magneton.magneton") not in ([], [first]))
    editor.run_command("Magneton: Measure Function")
    editor.pick("a.py:build")
    editor.toast("no such weights").wait_for()


def test_unusable_server_interpreter_is_told(open_editor: OpenEditor, tmp_path: Path) -> None:
    options = Options(settings=(("magneton.serverPython", "/nowhere/python"),))
    editor = open_editor(program(tmp_path / "workspace", RAISING), options)
    editor.open_file("a.py")
    told = editor.toast("/nowhere/python could not be started")
    expect(told).to_contain_text("Set magneton.serverPython", timeout=PATIENCE_MS)
    expect(told.get_by_role("button", name="Open Setting")).to_be_visible()
