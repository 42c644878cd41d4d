"""Canned results over two small files, for tests of what the editor shows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from magneton_agent.schema.result import Comparison, Finding, Sides

from ..builders import cause, comparison, finding, location, side

# The call to f comes after é😀 on its line: columns differ in bytes, code points and UTF-16.
A_SOURCE = """\
import torch


def build():
    activation = "written-out"
    x = torch.ones(3)
    return lambda: ("é😀", f(x))


def f(x, kind="written-out"):
    return x * torch.tanh(x)
"""
B_SOURCE = A_SOURCE.replace("x * torch.tanh(x)", "torch.nn.functional.gelu(x)")
LIBRARY_SOURCE = "def tanh(x):\n    return 'é', slow(x)\n"
CALL = location("a.py", 7, 26, end_column=30)
SETTING = location("a.py", 5, 4, end_column=30)
B_CALL = location("b.py", 7, 26, end_column=30)


def write_files(workspace: Path) -> None:
    """The files of both sides, and a library's beside the workspace."""
    (workspace / "a.py").write_text(A_SOURCE, encoding="utf-8")
    (workspace / "b.py").write_text(B_SOURCE, encoding="utf-8")
    (workspace.parent / "library.py").write_text(LIBRARY_SOURCE, encoding="utf-8")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sides(**changes: Any) -> Sides:
    return Sides(
        side(files={"a.py": digest(A_SOURCE)}, **changes),
        side(1.5, target="b.py:build", files={"b.py": digest(B_SOURCE)}, **changes),
    )


def found(**changes: Any) -> Finding:
    """A finding that a setting of the workspace decides."""
    default = {
        "location": CALL,
        "counterpart": B_CALL,
        "call_path": (CALL,),
        "cause": cause(location=SETTING),
    }
    return finding(**default | changes)


def compared(*findings: Finding, **changes: Any) -> Comparison:
    """A comparison of ``a.py`` and ``b.py`` with these findings, one unless told."""
    return comparison(**{"sides": sides(), "findings": findings or (found(),)} | changes)
