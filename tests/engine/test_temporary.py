"""Temporary folders: gone at the end, and those of killed runs with the next."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from magneton.engine.prepare import output_folders
from magneton.engine.temporary import owned


def test_what_a_killed_run_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = tmp_path / (owned("magneton-outputs-", ended.pid) + "x")
    theirs = tmp_path / (owned("magneton-outputs-", os.getppid()) + "x")
    others = tmp_path / f"magneton-outputs-elsewhere-{ended.pid}-x"
    for folder in (left, theirs, others):
        (folder / "a").mkdir(parents=True)
    with output_folders() as root:
        assert root.name.startswith(owned("magneton-outputs-", os.getpid()))
        assert set(tmp_path.iterdir()) == {root, theirs, others}
        assert (root / "a").is_dir()
    assert set(tmp_path.iterdir()) == {theirs, others}
