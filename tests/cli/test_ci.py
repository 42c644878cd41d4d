"""What docs/ci.md tells its readers to type, typed in a git repository."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.repositories import commit, git

pytestmark = pytest.mark.quiet

PAGE = (Path(__file__).parents[2] / "docs" / "ci.md").read_text(encoding="utf-8")
WORKFLOW = PAGE.split("```yaml")[1].split("```")[0]
NEEDS_NETWORK = "pip install torch ./.magneton-checkout"
PROGRAM = """\
import torch


def build():
    torch.set_num_threads(1)
    matrix = torch.randn(160, 160, generator=torch.Generator().manual_seed(0))
    matrix = matrix + matrix.T

    def step():
        return torch.linalg.eigvalsh(matrix)

    return step
"""
SLOWER = PROGRAM.replace("eigvalsh(matrix)", "eigvals(matrix).real.sort().values")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The program as the branch ``main`` has it, and a working tree in which it is costlier."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, tmp_path / "step.py", PROGRAM)
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "main")
    (tmp_path / "step.py").write_text(SLOWER)
    return tmp_path


def test_the_shell_commands(repository: Path) -> None:
    gate, *reports = [line for block in blocks("sh") for line in block.splitlines()]
    assert typed(gate, repository) == 1
    assert [typed(report, repository) for report in reports] == [0, 0, 0, 0]
    sarif = json.loads((repository / "change.sarif").read_text())
    assert sarif["version"] == "2.1.0"
    assert (repository / "change.html").read_text().startswith("<!DOCTYPE html>")


def test_the_same_gate_lets_a_change_pass_that_saves(repository: Path) -> None:
    commit(repository, repository / "step.py", SLOWER)
    (repository / "step.py").write_text(PROGRAM)
    assert typed(blocks("sh")[0].strip(), repository) == 0


def test_the_workflows_commands(repository: Path) -> None:
    """All of its ``run:`` but what needs the network, with what the runner would put in."""
    install, gate, annotate, scan = runs()
    assert install == NEEDS_NETWORK
    assert typed(gate.replace("$GITHUB_BASE_REF", "main"), repository) == 1
    told = said(annotate, repository)
    assert re.match(
        r"::warning file=step\.py,line=10,endLine=10,col=\d+,endColumn=\d+,"
        r"title=Magneton%3A (waste|performance)::",
        told.stdout,
    )
    assert "::notice title=Magneton::" in told.stdout.splitlines()[-1]
    assert (told.returncode, typed(scan, repository)) == (0, 0)
    assert json.loads((repository / "change.sarif").read_text())["version"] == "2.1.0"


def test_the_workflow_installs_what_it_has_checked_out() -> None:
    """The one command that is not run names the folder of the second checkout."""
    folder = NEEDS_NETWORK.rpartition("./")[2]
    assert WORKFLOW.count("actions/checkout@v4") == 2
    assert f"          path: {folder}\n" in WORKFLOW


def test_an_unknown_revision_and_a_program_that_fails(repository: Path) -> None:
    gate = blocks("sh")[0].splitlines()[0]
    assert typed(gate.replace("@main", "@nowhere"), repository) == 2
    (repository / "step.py").write_text(PROGRAM.replace("(matrix)", "(matrix[0])"))
    assert typed(gate, repository) == 3


def runs() -> list[str]:
    """The command lines of every ``run:`` of the workflow, those of a block one by one."""
    found: list[str] = []
    for rest in WORKFLOW.split("run: ")[1:]:
        first, *others = rest.splitlines()
        block = itertools.takewhile(lambda line: line.startswith(" " * 10), others)
        lines = [line.strip() for line in block]
        found += {"|": lines, ">-": [" ".join(lines)]}.get(first, [first])
    return found


def blocks(language: str) -> list[str]:
    """The page's code blocks in ``language``."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def typed(line: str, folder: Path) -> int:
    """The exit status of a line of the page."""
    return said(line, folder).returncode


def said(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of the page, with as few measurements as decide this program."""
    program, *arguments = shlex.split(line)
    assert program == "magneton"
    if arguments[0] == "compare":
        arguments += ["--time-budget", "3"]
    command = [sys.executable, "-m", "magneton.cli.main", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
