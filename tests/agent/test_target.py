"""Importing targets and building steps."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from magneton_agent.failure import TargetError
from magneton_agent.schema.messages import Failure, TargetSpec
from magneton_agent.target import (
    STEP_HOOK,
    build_step,
    import_target,
    script_code,
    seed_everything,
)

pytestmark = pytest.mark.usefixtures("interpreter_restored")


def written(folder: Path, source: str, name: str = "program.py") -> Path:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return path


def file(path: Path, name: str, *arguments: str) -> TargetSpec:
    return TargetSpec("file", str(path), "", name, arguments)


def module(name: str, function: str) -> TargetSpec:
    return TargetSpec("module", "", name, function, ())


def script(path: Path, name: str | None) -> TargetSpec:
    return TargetSpec("script", str(path), "", name, ())


def refusal(act: Callable[[], object]) -> Failure:
    with pytest.raises(TargetError) as caught:
        act()
    assert caught.value.failure.kind == "target"
    return caught.value.failure


def test_a_function_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "import sys\ndef build(): return __name__, sys.argv, __file__\n")
    found: Any = import_target(file(path, "build", "--size", "3"))
    assert found() == ("program", [str(path), "--size", "3"], str(path))


def test_a_file_finds_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "VALUE = 5\n", "neighbour_of_program.py")
    path = written(tmp_path, "import neighbour_of_program as n\ndef build(): return n.VALUE\n")
    found: Any = import_target(file(path, "build"))
    assert found() == 5


def test_a_file_named_as_a_library_module_does_not_replace_it(tmp_path: Path) -> None:
    path = written(tmp_path, "def build(): return __name__\n", "copy.py")
    found: Any = import_target(file(path, "build"))
    assert found() == "copy_target"
    assert sys.modules["copy"] is copy


def test_dotted_names(tmp_path: Path) -> None:
    path = written(tmp_path, "class A:\n  class B:\n    @staticmethod\n    def f(): pass\n")
    found: Any = import_target(file(path, "A.B.f"))
    assert found.__qualname__ == "A.B.f"


def test_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_package").mkdir()
    written(tmp_path, "def build(): return __name__\n", "a_package/part.py")
    monkeypatch.chdir(tmp_path)
    found: Any = import_target(module("a_package.part", "build"))
    assert found() == "a_package.part"


def test_no_such_file(tmp_path: Path) -> None:
    found = refusal(lambda: import_target(file(tmp_path / "none.py", "build")))
    assert found.fact == f"there is no file {tmp_path / 'none.py'}"


def test_no_such_name(tmp_path: Path) -> None:
    path = written(tmp_path, "from math import sqrt\ndef make(): pass\ndef _own(): pass\nN = 3\n")
    found = refusal(lambda: import_target(file(path, "build")))
    assert found.fact == f"{path} has no 'build'"
    assert found.remedy == "name one of: make"
    found = refusal(lambda: import_target(file(path, "N")))
    assert found.fact == f"'N' in {path} is of type int"


def test_no_such_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half").mkdir()
    monkeypatch.chdir(tmp_path)
    found = refusal(lambda: import_target(module("half.none", "build")))
    assert found.fact == "there is no module half.none"
    assert found.cause == f"Python finds no half.none from {tmp_path}"


def test_a_module_that_lacks_another_is_the_programs_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "import not_installed_anywhere\n", "needy.py")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        import_target(module("needy", "build"))


def test_a_callable_that_returns_a_callable_is_a_factory() -> None:
    def step() -> int:
        return 3

    assert build_step(lambda: step) is step


def test_any_other_callable_is_the_step() -> None:
    def step() -> int:
        return 3

    assert build_step(step) is step


def test_a_module_is_no_step() -> None:
    def build() -> torch.nn.Module:
        return torch.nn.ReLU()

    found = refusal(lambda: build_step(build))
    assert found.fact.endswith("build returned a ReLU, not a step")
    assert found.cause == "a module needs its inputs"


def hooked(path: Path, name: str) -> tuple[dict[str, Any], list[Any]]:
    """Runs the script with a hook that notes the functions it is put on."""
    noted: list[Any] = []

    def hook(function: Any) -> Any:
        noted.append(function)
        return function

    namespace = {STEP_HOOK: hook, "__name__": "__main__"}
    exec(script_code(script(path, name)), namespace)
    return namespace, noted


SCRIPT = """\
def other(): pass

def mark(function):
    function.marked = True
    return function

@mark
def train(x="é😀"): return x

class Trainer:
    @staticmethod
    def train(): pass

    def step(self): pass
"""


def test_a_script_without_a_step_is_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, SCRIPT)
    code = script_code(script(path, None))
    assert code == compile(SCRIPT, str(path), "exec")


@pytest.mark.parametrize(("name", "line"), [("train", 7), ("Trainer.step", 14), ("other", 1)])
def test_the_step_of_a_script_is_hooked_where_it_stands(
    tmp_path: Path, name: str, line: int
) -> None:
    path = written(tmp_path, SCRIPT)
    namespace, noted = hooked(path, name)
    plain: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(SCRIPT, str(path), "exec"), plain)
    first, *rest = name.split(".")
    expected = getattr(plain[first], rest[0]) if rest else plain[first]
    (function,) = noted
    assert function.__qualname__ == name
    assert function.__code__.co_firstlineno == line
    # Neither a line nor a column has moved.
    assert list(function.__code__.co_positions()) == list(expected.__code__.co_positions())
    assert namespace["train"].marked


def test_of_several_definitions_the_last_is_the_step(tmp_path: Path) -> None:
    source = "def step(): return 1\ndef step(): return 2\n"
    _, noted = hooked(written(tmp_path, source), "step")
    assert [function() for function in noted] == [2]


@pytest.mark.parametrize("name", ["none", "Trainer.none", "other.train", "Trainer"])
def test_a_script_without_that_function(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, SCRIPT)
    found = refusal(lambda: script_code(script(path, name)))
    assert found.fact == f"{path} defines no function {name!r}"


def test_seeds() -> None:
    import numpy  # the program's; the agent itself does without

    def drawn() -> tuple[float, float, float]:
        return random.random(), float(numpy.random.rand()), float(torch.rand(()))

    seed_everything(3)
    first = drawn()
    seed_everything(3)
    assert drawn() == first
    assert drawn() != first
