"""Running callables and scripts step by step, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from magneton_agent.schema.messages import TargetSpec
from magneton_agent.workload import load_callable, run_script

pytestmark = pytest.mark.usefixtures("interpreter_restored")


def served(
    folder: Path, source: str, step: str | None = None, *arguments: str
) -> tuple[list[object], dict[str, object]]:
    """What the script's steps returned, and its module's names at the end."""
    path = folder / "script.py"
    path.write_text(source)
    results: list[object] = []

    def serve_step(step: Callable[[], object]) -> object:
        results.append(step())
        return results[-1]

    run_script(TargetSpec("script", str(path), "", step, arguments), serve_step)
    return results, vars(sys.modules["__main__"])


def test_every_call_of_the_step_is_served(tmp_path: Path) -> None:
    source = (
        "def step(x, *, y):\n"
        "    'What it does.'\n"
        "    return x + y\n"
        "if __name__ == '__main__':\n"
        "    total = step(1, y=2) + step(3, y=4)\n"
    )
    results, names = served(tmp_path, source, "step")
    assert results == [3, 7]
    assert names["total"] == 10  # the script has its results
    assert getattr(names["step"], "__doc__", None) == "What it does."


def test_methods(tmp_path: Path) -> None:
    source = (
        "class Trainer:\n"
        "    def __init__(self): self.n = 0\n"
        "    def step(self):\n"
        "        self.n += 1\n"
        "        return self.n\n"
        "trainer = Trainer()\n"
        "for _ in range(3): trainer.step()\n"
    )
    assert served(tmp_path, source, "Trainer.step")[0] == [1, 2, 3]


def test_without_a_step_the_whole_run_is_one(tmp_path: Path) -> None:
    source = "import sys\nfound = (__name__, sys.argv, __file__, sys.path[0])\n"
    results, names = served(tmp_path, source, None, "--fast")
    path = str(tmp_path / "script.py")
    assert results == [None]
    assert names["found"] == ("__main__", [path, "--fast"], path, str(tmp_path))


@pytest.mark.parametrize("status", ["", "0", "None"])
def test_exiting_well_is_an_end(tmp_path: Path, status: str) -> None:
    source = f"import sys\ndef step(): return 5\nstep()\nsys.exit({status})\n"
    assert served(tmp_path, source, "step")[0] == [5]
    assert served(tmp_path, source)[0] == [None]


@pytest.mark.parametrize("status", ["1", "'no data'"])
def test_exiting_badly_is_an_error(tmp_path: Path, status: str) -> None:
    with pytest.raises(SystemExit):
        served(tmp_path, f"import sys\nsys.exit({status})\n")


def test_a_callable(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("def build(): return lambda: 7\ndef step(): return 8\n")
    factory = load_callable(TargetSpec("file", str(path), "", "build", ()))
    assert factory() == 7
    plain = load_callable(TargetSpec("file", str(path), "", "step", ()))
    assert plain() == 8
