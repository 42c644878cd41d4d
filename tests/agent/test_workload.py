"""Running callables and scripts step by step, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from magneton_agent.failure import TargetError
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


TAKING = """\
import functools

def any_of(function):
    @functools.wraps(function)
    def call(*arguments, **named): return function(*arguments, **named)
    return call

def build(rows=4, /, columns=2, *, depth=1): return lambda: (rows, columns, depth)
def open_to_all(**named): return lambda: named
@any_of
def wrapped(columns=2): return lambda: columns
class Builder:
    def __init__(self, columns=2): self.columns = columns
    def __call__(self): return self.columns
def nothing(): raise RuntimeError("it was called")
"""


def taking(folder: Path, name: str, *declared: str) -> object:
    path = folder / "program.py"
    path.write_text(TAKING)
    spec = TargetSpec("file", str(path), "", name, ())
    return load_callable(spec, dict.fromkeys(declared, "7"), declared)()


@pytest.mark.parametrize(
    ("name", "declared", "result"),
    [
        ("build", "columns", (4, 7, 1)),
        ("build", "depth", (4, 2, 7)),
        ("open_to_all", "whatever", {"whatever": 7}),
        ("wrapped", "columns", 7),
        ("Builder", "columns", 7),
    ],
)
def test_a_declared_parameter_is_taken(
    tmp_path: Path, name: str, declared: str, result: object
) -> None:
    assert taking(tmp_path, name, declared) == result


@pytest.mark.parametrize(
    ("name", "declared", "takes", "remedy"),
    [
        ("build", "rows", "it takes columns, depth", "let build take rows, or leave the knob out"),
        ("build", "column", "it takes columns, depth", "did you mean columns?"),
        ("wrapped", "width", "it takes columns", "let wrapped take width, or leave the knob out"),
        ("Builder", "width", "it takes columns", "let Builder take width, or leave the knob out"),
        ("nothing", "n", "it takes none by name", "let nothing take n, or leave the knob out"),
    ],
)
def test_what_a_target_cannot_take_is_refused_before_it_is_called(
    tmp_path: Path, name: str, declared: str, takes: str, remedy: str
) -> None:
    with pytest.raises(TargetError) as refused:
        taking(tmp_path, name, declared)
    failure = refused.value.failure
    assert failure.fact == f"{name} has no parameter {declared!r}"
    assert failure.cause == (
        f"a knob that is declared is one of the target's own parameters, and {takes}"
    )
    assert failure.remedy == remedy
