"""Folders for the editor to open: copies of the cases, and results that were stored in them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from magneton.engine.store import save_result
from magneton_agent.schema.result import Edit, Fix, Sides
from tests import builders

CASES = Path(__file__).parents[2] / "fixtures" / "cases"

STORED_A = """\
import torch


def build():
    layer = torch.nn.Linear(4, 4)
    return lambda: layer(torch.ones(4)).pow(2)
"""
STORED_B = STORED_A.replace("pow(2)", "square()")


def copy_case(name: str, workspace: Path) -> Path:
    """``workspace`` with the two programs of the case ``name`` in it."""
    workspace.mkdir()
    for side in ("a.py", "b.py"):
        shutil.copy(CASES / name / side, workspace)
    return workspace


def stored_result(workspace: Path) -> Path:
    """``workspace`` with two programs and a result, whose finding is on ``layer(…).pow(2)``, with
    the fix that was tried."""
    workspace.mkdir()
    (workspace / "a.py").write_text(STORED_A)
    (workspace / "b.py").write_text(STORED_B)
    marked = builders.location("a.py", 6, 19, end_column=46)
    power = builders.location("a.py", 6, 40, end_column=46)
    sides = Sides(
        builders.side(files={"a.py": _digest(STORED_A)}),
        builders.side(1.5, target="b.py:build", files={"b.py": _digest(STORED_B)}),
    )
    finding = builders.finding(
        location=marked,
        counterpart=None,
        call_path=(marked,),
        cause=builders.cause(location=marked),
        fix=Fix("call square()", (Edit(power, "square()"),), True, builders.quantity(0.4)),
    )
    save_result(workspace, builders.comparison(sides=sides, findings=(finding,)))
    return workspace


def program(workspace: Path, source: str) -> Path:
    """``workspace`` with ``source`` as its only program, ``a.py``."""
    workspace.mkdir()
    (workspace / "a.py").write_text(source)
    return workspace


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
