"""A result that another program writes, as a run in a terminal does, is picked up."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from magneton.engine.store import result_path
from magneton_agent.schema.result import Comparison

from .results import compared, found, write_files
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio


def written(session: Session, workspace: Path, result: Comparison) -> None:
    store(workspace, result)
    session.changed(result_path(workspace))


def message(session: Session, name: str) -> str:
    return "".join(each.message.partition(":")[0] for each in session.diagnostics(name))


async def test_the_client_is_asked_to_watch_for_results(workspace: Path) -> None:
    async with connected(workspace) as session:
        (watched,) = await session.eventually(lambda: session.registrations)
    assert watched.method == "workspace/didChangeWatchedFiles"
    assert watched.register_options == {
        "watchers": [{"globPattern": "**/.magneton/last.json", "kind": 3}]
    }


async def test_a_new_result_takes_the_place_of_the_one_shown(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await session.eventually(lambda: session.diagnostics("a.py"))
        written(session, workspace, compared(found(message="it waits")))
        await session.eventually(lambda: message(session, "a.py") == "It waits")
        assert (await session.command("report"))["path"] == str(result_path(workspace))


async def test_a_result_that_is_shown_already_is_not_shown_again(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await session.eventually(lambda: session.refreshes)
        session.changed(result_path(workspace))
        await session.command("targets", {"uri": session.uri("a.py")})
        assert len(session.refreshes) == 1


async def test_a_folder_within_the_workspace_has_results_of_its_own(workspace: Path) -> None:
    inner = workspace / "inner"
    inner.mkdir()
    write_files(inner)
    async with connected(workspace) as session:
        written(session, inner, compared())
        await session.eventually(lambda: session.diagnostics("inner/a.py"))
        assert not session.diagnostics("a.py")


async def test_a_result_that_cannot_be_read_is_told_and_changes_nothing(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await session.eventually(lambda: session.diagnostics("a.py"))
        result_path(workspace).write_text("{", "utf-8")
        session.changed(result_path(workspace))
        await session.eventually(lambda: session.client.messages)
        assert "is not a result that can be read" in session.client.messages[0].message
        assert session.diagnostics("a.py")


async def test_an_untrusted_workspace_is_not_watched(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace, trusted=False) as session:
        await session.eventually(lambda: session.refreshes)
        written(session, workspace, compared(found(message="it waits")))
        await session.command("targets", {"uri": session.uri("a.py")})
        assert session.registrations == []
        assert message(session, "a.py").startswith("The activation")


async def test_a_client_that_cannot_register_is_left_alone(workspace: Path) -> None:
    store(workspace, compared())
    bare = types.ClientCapabilities()
    async with connected(workspace, capabilities=bare) as session:
        await session.eventually(lambda: session.diagnostics("a.py"))
        written(session, workspace, compared(found(message="it waits")))
        await session.eventually(lambda: message(session, "a.py") == "It waits")
        assert session.registrations == []
