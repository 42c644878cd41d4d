"""Target strings: taken apart, checked against the sources, explained where they are wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from magneton.source.targets import Target, parse, resolve, target_file
from magneton_agent.schema.errors import EXIT_USAGE, MagnetonError
from magneton_agent.schema.messages import TargetSpec

SOURCE = """\
import torch
from helpers import imported


def build():
    return lambda: torch.ones(1)


def build_large(width, *, depth):
    pass


class Runner:
    @staticmethod
    def step():
        pass
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "__init__.py").write_text("def whole(): pass\n")
    (tmp_path / "nets" / "mlp.py").write_text(SOURCE)
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "script.py").write_text("def step(): pass\nstep()\n")
    return tmp_path


def refusal(text: str, workspace: Path, step: str | None = None) -> tuple[str, str, str]:
    with pytest.raises(MagnetonError) as raised:
        resolve(text, workspace, step=step)
    assert raised.value.exit_status == EXIT_USAGE
    return raised.value.fact, raised.value.cause, raised.value.remedy


@pytest.mark.parametrize(
    ("text", "path", "module", "name"),
    [
        ("a.py:build", "a.py", None, "build"),
        ("dir with @ and :/a.py:Model.step", "dir with @ and :/a.py", None, "Model.step"),
        ("/abs/a.py", "/abs/a.py", None, None),
        ("pkg.mod:build", None, "pkg.mod", "build"),
        ("größe.py:maß", "größe.py", None, "maß"),
    ],
)
def test_the_three_forms(text: str, path: str | None, module: str | None, name: str | None) -> None:
    assert parse(text) == Target(text, path, module, name)


@pytest.mark.parametrize("text", ["", "a.txt", "build", "a.py:", "a.py:2x", "pkg.mod", "a.py:f()"])
def test_what_is_no_target_is_refused(text: str, workspace: Path) -> None:
    assert refusal(text, workspace) == (
        f"'{text}' is not a target",
        "it names neither a Python file nor a callable in a module",
        "name one as path/file.py:name, package.module:name or path/script.py, for example"
        " train.py:build",
    )


@pytest.mark.parametrize("target", ["a.py:f", "a.py", "pkg.mod:f", "run@2.py"])
@pytest.mark.parametrize("revision", ["HEAD~1", "v1.0", "feature/a-b"])
def test_a_revision_is_told_from_its_target(target: str, revision: str) -> None:
    plain, at = parse(target), parse(f"{target}@{revision}")
    assert plain.revision is None
    assert at == replace(plain, text=f"{target}@{revision}", revision=revision)


def test_a_file_that_a_revision_lacks(workspace: Path) -> None:
    fact, cause, _ = refusal("gone.py:f@main", workspace)
    assert fact == "'gone.py:f@main': there is no such file"
    assert cause == "revision main has no gone.py"


def test_what_the_agent_is_asked_to_load(workspace: Path) -> None:
    file, script = str(workspace / "nets/mlp.py"), str(workspace / "script.py")
    given = ("--size", "3")
    assert resolve("nets/mlp.py:build", workspace, given, "ignored") == TargetSpec(
        "file", file, "", "build", given
    )
    assert resolve("nets.mlp:build", workspace) == TargetSpec("module", "", "nets.mlp", "build", ())
    assert resolve("script.py", workspace) == TargetSpec("script", script, "", None, ())
    assert resolve("script.py", workspace, step="step") == TargetSpec(
        "script", script, "", "step", ()
    )
    assert resolve(file, Path("/")) == TargetSpec("script", file, "", None, ())


@pytest.mark.parametrize(
    "text", ["nets/mlp.py:imported", "nets/mlp.py:Runner.step", "broken.py:f", "installed.lib:f"]
)
def test_what_cannot_be_ruled_out_is_left_to_the_agent(text: str, workspace: Path) -> None:
    assert resolve(text, workspace).name == text.partition(":")[2]


def test_a_missing_file_names_those_that_may_be_meant(workspace: Path) -> None:
    assert refusal("mlp.py:build", workspace) == (
        "'mlp.py:build': there is no such file",
        f"it was looked for at {workspace / 'mlp.py'}",
        "did you mean nets/mlp.py?",
    )
    assert refusal("nets/mpl.py:build", workspace)[2] == "did you mean nets/mlp.py?"
    assert refusal("zzzzzzzz.py:build", workspace)[2] == "name an existing Python file"
    for name in ("small.py", "bad.py"):  # the suffix alone makes no name alike
        (workspace / name).touch()
    assert refusal("smal.py:build", workspace)[2] == "did you mean small.py?"


def test_a_folder_is_no_file(workspace: Path) -> None:
    (workspace / "odd.py").mkdir()
    assert refusal("odd.py:f", workspace)[0] == "'odd.py:f' names a folder"


@pytest.mark.parametrize("text", ["nets/mlp.py:biuld", "nets.mlp:biuld"])
def test_a_missing_name_names_those_that_may_be_meant(text: str, workspace: Path) -> None:
    assert refusal(text, workspace) == (
        f"'{text}': there is no biuld in mlp.py",
        "its top level defines no such name",
        "did you mean build?",
    )


def test_without_a_similar_name_the_functions_are_listed(workspace: Path) -> None:
    remedy = refusal("nets/mlp.py:zzz", workspace)[2]
    assert remedy == "the functions there that need no arguments are build"


def test_a_scripts_step_is_checked_too(workspace: Path) -> None:
    assert refusal("script.py", workspace, step="stepp")[2] == "did you mean step?"


def test_a_function_that_needs_arguments_is_refused(workspace: Path) -> None:
    assert refusal("nets/mlp.py:build_large", workspace) == (
        "'nets/mlp.py:build_large' cannot be called without arguments",
        "build_large (line 9) needs width, depth",
        "name a function that takes no arguments and builds what is needed itself",
    )


def test_the_file_behind_a_target(workspace: Path) -> None:
    assert target_file(parse("nets.mlp:build"), workspace) == workspace / "nets/mlp.py"
    assert target_file(parse("nets:whole"), workspace) == workspace / "nets/__init__.py"
    assert target_file(parse("nets/mlp.py:build"), workspace) == workspace / "nets/mlp.py"
    assert target_file(parse("installed.lib:f"), workspace) is None
