"""A git repository of one program in two revisions, made for a test."""

from __future__ import annotations

import subprocess
from pathlib import Path

OLD = """\
import torch


def build():
    torch.set_num_threads(1)
    m = torch.randn(96, 96)

    def step():
        return (m @ m.T @ m).relu()

    return step
"""
NEW = OLD.replace("(m @ m.T @ m).relu()", "(m @ (m.T @ m)).clamp(min=0)")


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints, without what the machine's own configuration says."""
    command = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    command += ["-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, file: str = "net.py") -> Path:
    """``file`` as OLD on the branch ``old``, as NEW on ``main``, which is checked out."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=old")
    commit(folder, path, OLD)
    git(folder, "switch", "--quiet", "--create", "main")
    commit(folder, path, NEW)
    return folder


def commit(folder: Path, path: Path, text: str, message: str = "Change the program") -> None:
    path.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
