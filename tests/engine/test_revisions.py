"""Sides at a git revision: what is checked out, and the real command line on it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from magneton.engine import store
from magneton.engine.request import MeasureRequest, SideRequest
from magneton.engine.revisions import checked_out_alone
from magneton.engine.temporary import owned
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.measurement import Measurement
from magneton_agent.schema.result import Comparison
from tests.engine.command import MAGNETON, QUICK, run
from tests.engine.repositories import NEW, OLD, commit, git, repository

_ROOT = Path(__file__).parents[2]


def _files(workspace: Path, target: str, *names: str) -> list[str]:
    """The texts of files ``names`` as ``target`` will find them; nothing is left behind."""

    async def read() -> list[str]:
        async with AsyncExitStack() as stack:
            asked = MeasureRequest(str(workspace), SideRequest(target, "python3"))
            request = await checked_out_alone(stack, asked)
            assert request.a.checkout is not None
            folder = Path(request.a.checkout.folder)
            return [(folder / name).read_text(encoding="utf-8") for name in names]

    found = asyncio.run(read())
    assert _left(workspace) == []
    return found


def _left(workspace: Path) -> list[str]:
    """Checkouts that git still knows."""
    return git(workspace, "worktree", "list").splitlines()[1:]


def test_a_revision_runs_beside_the_files_as_they_are(tmp_path: Path) -> None:
    repository(tmp_path)
    wanted = ("net.py:build@old", "net.py:build")
    done = run(QUICK, tmp_path, "compare", *wanted, "--json", "r.json")
    assert (done.status, done.left, _left(tmp_path)) == (0, (), [])
    result = store.load_result(tmp_path / "r.json")
    assert isinstance(result, Comparison)
    a, b = result.sides.a, result.sides.b
    old = git(tmp_path, "rev-parse", "old").strip()
    assert (a.target, a.revision, b.revision) == ("net.py:build@old", old, None)
    assert list(a.files) == list(b.files) == ["net.py"]
    assert a.files != b.files
    ran = {name for region in result.regions for name in region.a.operators}
    ran_now = {name for region in result.regions for name in region.b.operators}
    assert ("aten::relu" in ran, "aten::relu" in ran_now) == (True, False)
    rows = (*result.breakdowns.a.by_range, *result.breakdowns.a.by_function)
    assert {(row.location.path, row.location.revision) for row in rows if row.location} == {
        ("net.py", old)
    }
    rows = (*result.breakdowns.b.by_range, *result.breakdowns.b.by_function)
    assert {row.location.revision for row in rows if row.location} == {None}


def test_a_package_that_the_import_path_finds_in_the_repository(tmp_path: Path) -> None:
    repository(tmp_path, "src/nets/small.py")
    own = (str(tmp_path / "src"), str(_ROOT), str(_ROOT / "server"))
    wanted = ("measure", "nets.small:build@old", "--json", "r.json", "--detail", "operators")
    assert run(QUICK, tmp_path, *wanted, environment={"PYTHONPATH": ":".join(own)}).status == 0
    result = store.load_result(tmp_path / "r.json")
    assert isinstance(result, Measurement)
    assert result.operators is not None
    assert "aten::relu" in [each.name for each in result.operators]
    assert not [text for text in result.side.conditions.warnings if "revision" in text]


def test_a_file_of_the_working_tree_in_a_revision_is_warned_of(tmp_path: Path) -> None:
    repository(tmp_path)
    commit(tmp_path, tmp_path / "helper.py", "SIZE = 96\n")
    adds = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport helper\n"
    commit(tmp_path, tmp_path / "net.py", NEW.replace("import torch\n", f"{adds}import torch\n"))
    assert run(QUICK, tmp_path, "measure", "net.py:build@HEAD", "--json", "r.json").status == 0
    result = store.load_result(tmp_path / "r.json")
    assert isinstance(result, Measurement)
    warned = [text for text in result.side.conditions.warnings if "revision" in text]
    assert [text.partition(" (")[0] for text in warned] == [
        "not all of this revision ran: helper.py was imported from the working tree"
    ]


def test_a_cancelled_run_leaves_no_checkout(tmp_path: Path) -> None:
    repository(tmp_path)
    slow = NEW.replace("    def step():\n", "    def step():\n        open('runs', 'w').close()\n")
    commit(tmp_path, tmp_path / "net.py", slow)

    def runs() -> bool:
        folders = Path(tempfile.gettempdir()).glob("magneton-revision-*")
        return any((each / tmp_path.name / "runs").exists() for each in folders)

    done = run(MAGNETON, tmp_path, "measure", "net.py:build@HEAD", interrupt_when=runs)
    assert (done.status, done.left, _left(tmp_path)) == (4, (), [])


def test_branches_tags_and_ancestors(tmp_path: Path) -> None:
    repository(tmp_path)
    git(tmp_path, "tag", "v1.0", "old")
    (tmp_path / "net.py").write_text("changed = True\n", encoding="utf-8")
    for name, text in (("old", OLD), ("v1.0", OLD), ("HEAD~1", OLD), ("HEAD", NEW)):
        assert _files(tmp_path, f"net.py:build@{name}", "net.py") == [text]
    assert (tmp_path / "net.py").read_text(encoding="utf-8") == "changed = True\n"


def test_a_folder_below_the_repositorys_top(tmp_path: Path) -> None:
    repository(tmp_path, "work/net.py")
    assert _files(tmp_path / "work", "net.py@old", "net.py", "../work/net.py") == [OLD, OLD]


def test_nothing_of_the_repository_is_run_by_checking_out(tmp_path: Path) -> None:
    repository(tmp_path)
    marks = tmp_path.parent / f"{tmp_path.name}-ran"
    commit(tmp_path, tmp_path / ".gitattributes", "*.py filter=a.trap\n")
    for setting in ("smudge", "process"):
        git(tmp_path, "config", f"filter.a.trap.{setting}", f"touch {marks}; cat")
    git(tmp_path, "config", "filter.a.trap.required", "true")
    hook = tmp_path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marks}\n", encoding="utf-8")
    hook.chmod(0o755)
    assert _files(tmp_path, "net.py@old", "net.py") == [OLD]
    assert _files(tmp_path, "net.py@HEAD", "net.py") == [NEW]
    assert not marks.exists()


@pytest.mark.parametrize("name", ["trap", "\udcff"])
def test_no_filter_is_run_that_is_configured_for_worktrees_alone(tmp_path: Path, name: str) -> None:
    repository(tmp_path)
    marks = tmp_path.parent / f"{tmp_path.name}-ran"
    (tmp_path / ".gitattributes").write_bytes(os.fsencode(f"*.py filter={name}\n"))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Filter programs")
    settings = tmp_path.parent / f"{tmp_path.name}-settings"
    git(tmp_path, "config", "--file", str(settings), f"filter.{name}.smudge", f"touch {marks}; cat")
    git(tmp_path, "config", "includeIf.gitdir:**/worktrees/**.path", str(settings))
    assert _files(tmp_path, "net.py@HEAD", "net.py") == [NEW]
    assert not marks.exists()


def test_a_filter_that_cannot_be_switched_off_is_refused(tmp_path: Path) -> None:
    repository(tmp_path)
    marks = tmp_path.parent / f"{tmp_path.name}-ran"
    commit(tmp_path, tmp_path / ".gitattributes", "*.py filter=a=b\n")
    git(tmp_path, "config", "filter.a=b.smudge", f"touch {marks}; cat")
    with pytest.raises(MagnetonError) as raised:
        _files(tmp_path, "net.py@HEAD")
    assert raised.value.fact == "the filter 'a=b' of this repository cannot be switched off"
    assert (marks.exists(), _left(tmp_path)) == (False, [])


def test_what_the_repository_does_not_hold_is_not_fetched(tmp_path: Path) -> None:
    repository(tmp_path)
    marks = tmp_path.parent / f"{tmp_path.name}-ran"
    blob = git(tmp_path, "rev-parse", "old:net.py").strip()
    (tmp_path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for setting, value in (
        ("remote.origin.url", str(tmp_path)),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", f"touch {marks}; git-upload-pack"),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
    ):
        git(tmp_path, "config", setting, value)
    with pytest.raises(MagnetonError) as raised:
        _files(tmp_path, "net.py@old")
    assert raised.value.fact == "'net.py@old': revision old could not be checked out"
    assert not marks.exists()
    assert "nothing is fetched" in raised.value.remedy
    assert _left(tmp_path) == []


def test_a_killed_runs_checkout_is_removed_by_the_next(tmp_path: Path) -> None:
    repository(tmp_path)
    name = owned("magneton-revision-", 4194305) + "x"
    abandoned = Path(tempfile.gettempdir()) / name
    (abandoned / "net").mkdir(parents=True)  # no process can have that number
    assert _files(tmp_path, "net.py@old", "net.py") == [OLD]
    assert not abandoned.exists()


@pytest.mark.parametrize(
    ("target", "fact", "remedy"),
    [
        ("net.py:build@nowhere", "'net.py:build@nowhere': there is no revision nowhere", "branch"),
        ("net.py:build@--output=x", "there is no revision --output=x", "name a commit"),
        ("/srv/net.py:build@old", "names a revision of an absolute path", "relative to the folder"),
    ],
)
def test_a_revision_that_cannot_be_run(target: str, fact: str, remedy: str, tmp_path: Path) -> None:
    repository(tmp_path)
    with pytest.raises(MagnetonError) as raised:
        _files(tmp_path, target)
    assert fact in raised.value.fact
    assert remedy in raised.value.remedy
    assert raised.value.exit_status == 2


def test_a_file_that_the_revision_does_not_have(tmp_path: Path) -> None:
    repository(tmp_path)
    commit(tmp_path, tmp_path / "later.py", NEW)
    done = run(MAGNETON, tmp_path, "measure", "later.py:build@old")
    assert done.status == 2
    assert done.said("error") == "'later.py:build@old': there is no such file"
    assert done.said("cause") == "revision old has no later.py"


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NEW, encoding="utf-8")
    done = run(MAGNETON, tmp_path, "measure", "net.py:build@main")
    assert done.status == 2
    assert done.said("error") == (
        f"'net.py:build@main' names a revision, but {tmp_path} is in no git repository"
    )
    assert "not a git repository" in done.said("cause")


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(MagnetonError) as raised:
        patched.setenv("PATH", str(tmp_path))
        asyncio.run(
            checked_out_alone(
                AsyncExitStack(), MeasureRequest(str(tmp_path), SideRequest("net.py@old", "x"))
            )
        )
    assert raised.value.fact == "git is not installed"
