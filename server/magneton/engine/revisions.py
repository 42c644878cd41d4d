"""A side at a git revision: its files, checked out into a folder of their own.

The repository is somebody's data: nothing in it runs here. Hooks, filters and monitors that its
configuration names are switched off, nothing is fetched from where it says, and its working tree
and index are not touched.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from magneton_agent.schema.errors import MagnetonError

from ..source.targets import parse
from .request import Checkout, CompareRequest, MeasureRequest, SideRequest
from .temporary import owned, remove_abandoned
from .trace.store import is_trace

_PREFIX = "magneton-revision-"
_INERT = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_FILTER = re.compile(r"filter\.(?P<name>.+)\.(?:clean|smudge|process|required)")


async def checked_out(stack: AsyncExitStack, request: CompareRequest) -> CompareRequest:
    """``request`` with the revisions that its targets name checked out until ``stack`` closes.

    Raises:
        MagnetonError: there is no git, no repository, or no such revision in it.
    """
    workspace = Path(request.workspace)
    a = await _side(stack, workspace, request.a)
    return replace(request, a=a, b=await _side(stack, workspace, request.b))


async def checked_out_alone(stack: AsyncExitStack, request: MeasureRequest) -> MeasureRequest:
    """As :func:`checked_out`, of one side."""
    return replace(request, a=await _side(stack, Path(request.workspace), request.a))


async def _side(stack: AsyncExitStack, workspace: Path, side: SideRequest) -> SideRequest:
    if is_trace(side.target, workspace):
        return side
    revision = parse(side.target).revision
    if revision is None:
        return side
    _check_relative(side.target)
    folder = _checkout(workspace, revision, side.target)
    return replace(side, checkout=await stack.enter_async_context(folder))


def _check_relative(target: str) -> None:
    if Path(parse(target).path or "").is_absolute():
        raise MagnetonError(
            f"'{target}' names a revision of an absolute path",
            "a revision is checked out elsewhere, so that the path would miss it",
            "name the file relative to the folder that you are in",
        )


@asynccontextmanager
async def _checkout(workspace: Path, revision: str, target: str) -> AsyncIterator[Checkout]:
    top = await _top(workspace, target)
    commit = await _commit(top, revision, target)
    await _remove_abandoned(top)
    private = Path(tempfile.mkdtemp(prefix=owned(_PREFIX, os.getpid())))
    folder = private / top.name
    try:
        fact = f"'{target}': revision {revision} could not be checked out"
        await _fill(top, folder, commit, fact)
        yield Checkout(
            folder=str(folder / workspace.resolve().relative_to(top)),
            top=str(folder),
            repository=str(top),
            revision=commit,
        )
    finally:
        shutil.rmtree(private, ignore_errors=True)
        # Shielded: this also runs while the job is being cancelled, and must come to its end.
        await asyncio.shield(_git(top, *_INERT, "worktree", "prune"))


async def _fill(top: Path, folder: Path, commit: str, fact: str) -> None:
    """Check ``commit`` out into the new ``folder``."""
    empty = ("worktree", "add", "--quiet", "--detach", "--no-checkout", str(folder), commit)
    added = await _git(top, *_INERT, *empty)
    if added.status:
        raise _failed(fact, added)
    # Configuration can depend on the folder: only in this one git says what holds for it.
    inert = (*_INERT, *await _without_filters(folder))
    files = await _git(folder, *inert, "reset", "--quiet", "--hard", "--no-recurse-submodules")
    if files.status:
        raise _failed(
            fact,
            files,
            "nothing is fetched for a run: if the clone is partial, check the revision out once "
            "yourself, so that git has its files",
        )


async def _top(workspace: Path, target: str) -> Path:
    found = await _git(workspace, "rev-parse", "--show-toplevel")
    if found.status:
        fact = f"'{target}' names a revision, but {workspace} is in no git repository"
        raise _failed(fact, found)
    return Path(found.text).resolve()


async def _commit(top: Path, revision: str, target: str) -> str:
    wanted = f"{revision}^{{commit}}"
    found = await _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if found.status:
        raise MagnetonError(
            f"'{target}': there is no revision {revision}",
            f"git knows no commit by that name in {top}",
            "name a commit, branch or tag ('git log --oneline' lists commits), and fetch it first "
            "if it is another repository's",
        )
    return found.text


async def _without_filters(folder: Path) -> list[str]:
    """Flags that keep filters from running: those that rewrite files on checkout are commands.

    Raises:
        MagnetonError: a filter's name cannot stand in a flag.
    """
    listed = await _git(folder, "config", "--name-only", "--get-regexp", r"^filter\.")
    found = map(_FILTER.fullmatch, listed.text.split("\n"))
    names = sorted({match["name"] for match in found if match is not None})
    for name in names:
        if "=" in name:  # git takes what is before it for the whole key
            raise MagnetonError(
                f"the filter '{name}' of this repository cannot be switched off",
                "its name holds '=', and a filter is a command that a checkout would run",
                "rename or remove it in git's configuration",
            )
    settings = [
        f"filter.{name}.{setting}"
        for name in names
        for setting in ("smudge=", "process=", "required=false")
    ]
    return [flag for setting in settings for flag in ("-c", setting)]


async def _remove_abandoned(top: Path) -> None:
    """Checkouts of runs that were killed."""
    remove_abandoned(_PREFIX)
    await _git(top, *_INERT, "worktree", "prune")


@dataclass(frozen=True)
class _Said:
    """What a git command came to."""

    status: int
    text: str
    error: str


async def _git(folder: Path, *arguments: str) -> _Said:
    """
    Raises:
        MagnetonError: git is not installed.
    """
    # A repository, index or worktree that the environment names is not the one of ``folder``.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    # No transport is allowed: to fetch is to run commands that the configuration names.
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError as missing:
        raise MagnetonError(
            "git is not installed",
            "a target names a revision, and no program 'git' is on PATH",
            "install git, or name files as they are",
        ) from missing
    out, error = await process.communicate()
    # What git names goes back to it as it came; what it complains of is for people.
    text, complaint = os.fsdecode(out), error.decode("utf-8", "replace")
    return _Said(process.returncode or 0, text.strip(), complaint.strip())


def _failed(
    fact: str,
    said: _Said,
    remedy: str = "run in the working tree of a git repository, or name files as they are",
) -> MagnetonError:
    return MagnetonError(
        fact,
        said.error.partition("\n")[0].removeprefix("fatal: ") or f"git ended with {said.status}",
        remedy,
    )
