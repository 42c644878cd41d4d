"""What can go wrong with a program, through the real command line: exit status, fact, cause and
remedy, and that nothing is lost or left running."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from magneton.engine import store
from magneton_agent.schema import codec
from tests import builders
from tests.engine.command import MAGNETON, QUICK, Ended, run

GOOD = """\
import torch

def build():
    x = torch.randn(64, 64)
    return lambda: {"product": (x @ x).relu(), "sum": x.sum()}

def without_arguments():
    pass
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with a good program, and a result of an earlier run that must survive."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD)
    store.save_result(folder, builders.measurement())
    return folder


def measure(workspace: Path, program: str, *arguments: str, temporary: Path | None = None) -> Ended:
    """Measure ``build`` of ``program``, quickly."""
    (workspace / "bad.py").write_text(program)
    environment = {"TMPDIR": str(temporary)} if temporary is not None else {}
    return run(QUICK, workspace, "measure", "bad.py:build", *arguments, environment=environment)


def refused(ended: Ended, workspace: Path, status: int) -> None:
    """The run has told nothing as a result, lost nothing and left nothing running."""
    assert (ended.status, ended.out, ended.left) == (status, "", ())
    assert store.load_last(workspace) == builders.measurement()
    assert ended.said("cause")
    assert ended.said("remedy")


@pytest.mark.parametrize(
    ("target", "fact", "remedy"),
    [
        ("godo.py:build", "'godo.py:build': there is no such file", "did you mean good.py?"),
        ("good.py:biuld", "'good.py:biuld': there is no biuld in good.py", "did you mean build?"),
        ("good.py:", "'good.py:' is not a target", "name one as path/file.py:name"),
    ],
)
def test_no_such_target(workspace: Path, target: str, fact: str, remedy: str) -> None:
    ended = run(MAGNETON, workspace, "compare", "good.py:build", target)
    refused(ended, workspace, 2)
    assert ended.said("error") == fact
    assert ended.said("remedy").startswith(remedy)


def test_no_such_interpreter(workspace: Path) -> None:
    arguments = ("compare", "good.py:build", "good.py:build", "--python-b", "/nowhere/python")
    ended = run(MAGNETON, workspace, *arguments)
    refused(ended, workspace, 2)
    assert ended.said("error") == "side b: the interpreter /nowhere/python cannot be started"
    assert ended.said("cause") == "No such file or directory"


def test_an_interpreter_without_torch(workspace: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    ended = run(MAGNETON, workspace, "measure", "good.py:build", "--python", str(python))
    refused(ended, workspace, 3)
    assert ended.said("error") == f"{python} has no usable torch"
    assert ended.said("cause") == "No module named 'torch'"
    assert "--python" in ended.said("remedy")


def test_the_factory_raises(workspace: Path) -> None:
    program = """
import torch

def build():
    return torch.nn.Linear(2, 3)(torch.ones(5))
"""
    ended = measure(workspace, program)
    refused(ended, workspace, 3)
    assert ended.said("error").startswith("loading build raised RuntimeError: ")
    assert traceback(ended) == [f'File "{workspace}/bad.py", line 5, in build']


def test_the_step_raises(workspace: Path) -> None:
    program = """
import torch

class Net(torch.nn.Module):
    def forward(self, x):
        raise ValueError("ä does not fit")

def build():
    net = torch.nn.Sequential(Net())
    return lambda: net(1)
"""
    ended = measure(workspace, program)
    refused(ended, workspace, 3)
    assert ended.said("error") == "the step raised ValueError: ä does not fit"
    assert traceback(ended) == [
        f'File "{workspace}/bad.py", line 10, in build.<locals>.<lambda>',
        f'File "{workspace}/bad.py", line 6, in Net.forward',
    ]


def traceback(ended: Ended) -> list[str]:
    """The user's frames that were shown."""
    lines = [line.strip() for line in ended.error.split("\n")]
    shown = lines[lines.index("traceback, your frames only:") + 1 :]
    return [line for line in shown if line.startswith('File "')]


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("os._exit(7)", "the program ended by itself with status 7"),
        ("os.kill(os.getpid(), 11)", "the program was killed by signal 11"),
    ],
)
def test_the_program_leaves(workspace: Path, statement: str, fact: str) -> None:
    program = f"""
import os

def build():
    def step():
        print("last words")
        {statement}
    return step
"""
    ended = measure(workspace, program)
    refused(ended, workspace, 3)
    assert ended.said("error") == fact
    assert ended.error.endswith("the last lines that it printed:\n    last words\n")


def test_a_program_that_runs_for_ever_with_children(workspace: Path) -> None:
    program = """
import os, subprocess, time

subprocess.Popen(["sleep", "600"], start_new_session=True)
if not os.fork():
    os.setsid()
    time.sleep(600)
open("started", "w").close()

def build():
    while True:
        time.sleep(1)
"""
    ended = measure(workspace, program, "--timeout", "10")
    refused(ended, workspace, 4)
    assert (workspace / "started").exists()
    assert ended.said("error") == "the program did not answer within 10 s"
    assert ended.said("cause") == "it was asked to load the target and was still at it"
    assert "--timeout" in ended.said("remedy")


def test_interrupted_with_children(workspace: Path) -> None:
    program = """
import subprocess, time

def build():
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    def step():
        open("started", "w").close()
        while True:
            pass
    return step
"""
    (workspace / "bad.py").write_text(program)
    started = workspace / "started"
    arguments = ("compare", "bad.py:build", "good.py:build")
    ended = run(MAGNETON, workspace, *arguments, interrupt_when=started.exists)
    assert (ended.status, ended.out, ended.left) == (4, "", ())
    assert ended.error.endswith("cancelled; earlier results are unchanged\n")
    assert store.load_last(workspace) == builders.measurement()


def test_too_much_memory(workspace: Path) -> None:
    program = """
import torch

def build():
    return lambda: torch.ones(1 << 36)
"""
    # As much address space as torch itself needs, and a little.
    ended = measure(workspace, program, "--memory", str(16 << 30))
    refused(ended, workspace, 3)
    assert ended.said("error").startswith("the step raised RuntimeError: ")
    assert ended.said("cause") == "the program ran out of memory"
    assert "smaller" in ended.said("remedy")


def test_a_program_that_prints_and_forks_is_measured(workspace: Path) -> None:
    program = """
import os, sys, time
import torch

print("at import")
os.fork()  # both go on, in our loop too
if not os.fork():
    time.sleep(600)

def build():
    x = torch.randn(64, 64)
    forked = []
    def step():
        if not forked:
            forked.append(os.fork())
        print("{" * 100_000)
        sys.stdout.buffer.write(bytes(range(256)) * 400)
        os.write(2, b"\\xff\\n" * 1000)
        return x @ x
    return step
"""
    ended = measure(workspace, program, "--json", "-")
    assert (ended.status, ended.left) == (0, ())
    assert json.loads(ended.out)["side"]["operators"] == 1
    assert "at import" not in ended.out + ended.error


def test_other_weights_are_told_before_anything_else(workspace: Path) -> None:
    other = GOOD.replace("x = torch.randn", "torch.manual_seed(5); x = torch.randn")
    (workspace / "other.py").write_text(other.replace("relu()", "relu()[:32]"))
    ended = run(QUICK, workspace, "compare", "good.py:build", "other.py:build")
    assert (ended.status, ended.left) == (0, ())
    warning = "0 of 1 parameters and inputs agree: load the same weights into both"
    # Also while it runs, before a minute of measuring.
    assert ended.error.startswith(f"load: loading both programs\ncheck: {warning}\n")
    difference = "output['product']: shape (64, 64) against (32, 64)"
    assert " ".join(ended.out.split()).startswith(
        f"warning: {warning} warning: the outputs differ ({difference}): the two sides do not do "
        "the same work "
    )
    assert f"\noutputs: different: {difference}\n" in ended.out
    assert "\nverdict: different: " in ended.out


def test_two_runs_of_one_side_differ(workspace: Path) -> None:
    program = """
import torch

def build():
    x, calls = torch.randn(64, 64), []
    def step():
        calls.append(1)
        return {"steady": x + x, "drifting": x * len(calls)}
    return step
"""
    ended = measure(workspace, program)
    assert (ended.status, ended.left) == (0, ())
    said = " ".join(ended.out.split())
    assert said.startswith(
        "warning: two runs of the program from the same seeds differ (output['drifting']: elements "
        "differ by up to 0.5 of their size): its figures are of work that changes; let the step "
        "start from the same state"
    )


@pytest.mark.parametrize(
    ("text", "fact", "cause"),
    [
        ('{"schema": "magneton.compar', "is not a result that can be read", "it is not whole JSON"),
        ("", "is not a result that can be read", "it is not whole JSON"),
        (
            '{"schema": "magneton.comparison/2"}',
            "cannot be read by this version of Magneton",
            "its format is magneton.comparison/2; this version reads magneton.comparison/1",
        ),
    ],
)
def test_a_result_that_cannot_be_read(workspace: Path, text: str, fact: str, cause: str) -> None:
    (workspace / "r.json").write_text(text)
    ended = run(MAGNETON, workspace, "report", "r.json")
    refused(ended, workspace, 2)
    assert ended.said("error") == f"r.json {fact}"
    assert ended.said("cause").startswith(cause)


def test_a_result_with_infinite_figures(workspace: Path) -> None:
    data = codec.to_json(builders.comparison())
    data["sides"]["a"]["energy_j"]["high"] = float("inf")
    (workspace / "r.json").write_text(json.dumps(data))
    ended = run(MAGNETON, workspace, "report", "r.json")
    refused(ended, workspace, 2)
    assert ended.said("cause") == "it is not whole JSON: Infinity is not JSON"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A folder of 64 KiB, and the flags that make it one: a file system of its own where that
    may be mounted, else a limit on the size of files."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield folder, () if mounted else ("--file-size", str(64 << 10))
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def test_no_room_for_the_result(workspace: Path, small_disk: tuple[Path, tuple[str, ...]]) -> None:
    folder, flags = small_disk
    (folder / "r.json").write_text("an older result" + " " * 40_000)
    program = "import torch\nx = torch.ones(4)\ndef build():\n"
    program += "    return lambda: x" + " + 1" * 60 + "\n"
    detail = ("--detail", "operators", "--json", str(folder / "r.json"))
    ended = measure(workspace, program, *flags, *detail)
    assert (ended.status, ended.left) == (2, ())
    assert ended.said("error") == f"{folder / 'r.json'} could not be written"
    assert ended.said("cause") in ("no space left on device", "file too large")
    assert ended.said("remedy")
    # The older file is whole, nothing lies beside it, and the report was shown.
    assert (folder / "r.json").read_text().startswith("an older result")
    assert [path.name for path in folder.iterdir()] == ["r.json"]
    assert "energy by source range" in ended.out


def test_no_room_for_the_outputs(workspace: Path, small_disk: tuple[Path, tuple[str, ...]]) -> None:
    folder, flags = small_disk
    program = "import torch\ndef build():\n    return lambda: torch.ones(1 << 20)\n"
    ended = measure(workspace, program, *flags, temporary=folder)
    refused(ended, workspace, 3)
    assert ended.said("error") == "what the step returned could not be kept for comparison"
    assert "TMPDIR" in ended.said("remedy")
    assert [path.name for path in folder.glob("magneton-*")] == []


def test_no_room_for_the_report(workspace: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*MAGNETON, "report", ".magneton/last.json"],
            cwd=workspace,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr == (
        "error: standard output could not be written\n"
        "  cause: no space left on device\n"
        "  remedy: Free some space, or send the output elsewhere.\n"
    )
