"""The extension's own tests (extension/test/), in a trusted and in an untrusted window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import ROOT, VSIX
from .harness.in_host import run_in_host
from .harness.server import Options, code_server
from .harness.tools import Tools

EXTENSION = ROOT / "extension"


@pytest.mark.parametrize(
    ("trusted", "title"), [(True, "the interpreter for runs"), (False, "an untrusted workspace")]
)
def test_in_extension_host(
    installed: Tools, browser: Browser, tmp_path: Path, trusted: bool, title: str
) -> None:
    workspace = tmp_path / "workspace"
    (workspace / ".vscode").mkdir(parents=True)
    settings = {"magneton.serverPython": "/tmp/named-by-the-workspace"}
    if not trusted:
        settings["magneton.python"] = "/tmp/named-by-the-workspace"
    (workspace / ".vscode" / "settings.json").write_text(json.dumps(settings))
    options = Options(trusted=trusted, driver=True)
    with code_server(installed, tmp_path / "vscode", VSIX, options) as address:
        page = browser.new_page()
        code, printed = run_in_host(
            page,
            address,
            workspace,
            EXTENSION / "test" / "stub-python",
            EXTENSION / "out-test" / "index",
        )
        page.close()
    assert code == 0, printed
    assert title in printed
