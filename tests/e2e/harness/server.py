"""Starts and stops code-server: VS Code's workbench and extension host behind a web page."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .tools import Tools

START_S, STOP_S = 60, 30
_USER_SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.tips.enabled": False,
    "workbench.colorTheme": "Default Light Modern",
    "chat.disableAIFeatures": True,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "git.enabled": False,
    "telemetry.telemetryLevel": "off",
    "editor.minimap.enabled": False,
    "files.simpleDialog.enable": True,  # file pickers as quick picks, which can be typed into
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
}


@dataclass(frozen=True)
class Options:
    """How VS Code starts.

    ``trusted``: whether every workspace is. ``driver``: whether tests can be sent into the
    extension host (the page then shows no messages). ``settings``: the machine's, by name.
    """

    trusted: bool = True
    driver: bool = False
    settings: tuple[tuple[str, object], ...] = ()


@contextmanager
def code_server(tools: Tools, folder: Path, vsix: Path, options: Options) -> Iterator[str]:
    """The address of a server that keeps all its state in ``folder`` and has ``vsix`` installed.

    Raises:
        TimeoutError: it did not answer; its output is in ``folder/code-server.log``.
        subprocess.CalledProcessError: the extension could not be installed.
    """
    _write_settings(folder, options)
    command = _command(tools, folder)
    environment = _environment(tools, folder)
    install = [*command, "--install-extension", str(vsix), "--force"]
    subprocess.run(install, env=environment, check=True, capture_output=True)
    port = _free_port()
    with (folder / "code-server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--bind-addr", f"127.0.0.1:{port}", *_flags(options)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_health(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(STOP_S)


def _write_settings(folder: Path, options: Options) -> None:
    for level, settings in (("User", _USER_SETTINGS), ("Machine", dict(options.settings))):
        file = folder / "user-data" / level / "settings.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    (folder / "config.yaml").write_text("auth: none\ncert: false\n")


def _command(tools: Tools, folder: Path) -> list[str]:
    return [
        *(str(tools.node), str(tools.code_server), "--config", str(folder / "config.yaml")),
        *("--user-data-dir", str(folder / "user-data")),
        *("--extensions-dir", str(folder / "extensions")),
    ]


def _flags(options: Options) -> list[str]:
    return [
        *("--auth", "none", "--disable-telemetry", "--disable-update-check"),
        *("--disable-getting-started-override", "--ignore-last-opened"),
        # Otherwise extension hosts and language servers outlive the page by three hours.
        *("--reconnection-grace-time", "5"),
        *(["--disable-workspace-trust"] if options.trusted else []),
        *(["--vscode-option", "enable-smoke-test-driver"] if options.driver else []),
    ]


def _environment(tools: Tools, folder: Path) -> dict[str, str]:
    home = {"XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    return {**os.environ, **home, "PATH": f"{tools.node.parent}:{os.environ['PATH']}"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError("code-server did not answer; see code-server.log in its folder")
