"""Versions of what the program has imported."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from magneton_agent.packages import imported_packages


def installed(folder: Path, name: str, version: str, modules: str | None) -> None:
    information = folder / f"{name}-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    if modules is not None:
        (information / "top_level.txt").write_text(modules)


def test_what_is_imported_is_listed_once_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    installed(first, "zeta", "1.0", "_zeta_c\ntempfile\n")
    installed(first, "Mime-Types", "2.0", None)
    installed(first, "never_imported_by_anyone", "3.0", None)
    installed(second, "zeta", "0.9", "tempfile\n")
    installed(second, "json", "4.0", None)
    (second / "broken-1.0.dist-info").mkdir()
    unversioned = second / "re-1.0.dist-info"
    unversioned.mkdir()
    (unversioned / "METADATA").write_text("Name: re\n")
    monkeypatch.setattr("sys.path", [str(first), str(second)])
    monkeypatch.setitem(sys.modules, "mime_types", importlib.metadata)
    assert list(imported_packages().items()) == [
        ("json", "4.0"),
        ("Mime-Types", "2.0"),
        ("zeta", "1.0"),
    ]
