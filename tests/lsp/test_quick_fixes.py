"""A fix that was tried is a quick fix on the finding's range, which edits the buffer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from magneton_agent.schema.location import Location, Position
from magneton_agent.schema.result import Comparison, Edit, Fix

from ..builders import quantity
from .results import CALL, SETTING, compared, found
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio


def edit(path: str, line: int, column: int, end_column: int, text: str) -> Edit:
    return Edit(Location(path, None, Position(line, column), Position(line, end_column)), text)


# Behind é😀: f(x) becomes f(x, kind="fused").
FIX = Fix('pass kind="fused"', (edit("a.py", 7, 29, 29, ', kind="fused"'),), True, quantity(0.35))


def fixable(fix: Fix = FIX, **changes: Any) -> Comparison:
    return compared(found(fix=fix, **changes))


async def actions(
    session: Session, line: int = 4, character: int = 10, only: list[str] | None = None
) -> list[types.CodeAction]:
    """What is offered at a 0-based position, once the stored result is shown."""
    shown = await session.eventually(lambda: session.diagnostics("a.py"))
    here = types.Position(line, character)
    kinds = [types.CodeActionKind(each) for each in only] if only is not None else None
    answer = await session.client.text_document_code_action_async(
        types.CodeActionParams(
            types.TextDocumentIdentifier(session.uri("a.py")),
            types.Range(here, here),
            types.CodeActionContext(list(shown), only=kinds),
        )
    )
    given = list(answer or ())
    assert all(isinstance(each, types.CodeAction) for each in given)
    return [each for each in given if isinstance(each, types.CodeAction)]


def changes(action: types.CodeAction) -> list[types.TextDocumentEdit]:
    assert action.edit is not None
    made = list(action.edit.document_changes or ())
    assert all(isinstance(each, types.TextDocumentEdit) for each in made)
    return [each for each in made if isinstance(each, types.TextDocumentEdit)]


async def test_it_shows_the_saving_and_edits_the_open_version(workspace: Path) -> None:
    store(workspace, fixable())
    async with connected(workspace) as session:
        session.open("a.py")
        (action,) = await actions(session)
        assert action.title == (
            'Magneton: pass kind="fused": saves 350 mJ (346 to 354), modelled, when tried'
        )
        assert (action.kind, action.is_preferred) == (types.CodeActionKind.QuickFix, True)
        assert [each.source for each in action.diagnostics or ()] == ["magneton"]
        (change,) = changes(action)
        assert (change.text_document.uri, change.text_document.version) == (session.uri("a.py"), 1)
        # In UTF-16 units: 😀 counts twice.
        place = types.Position(6, 30)
        assert list(change.edits) == [types.TextEdit(types.Range(place, place), ', kind="fused"')]


async def test_it_follows_edits_of_other_lines(workspace: Path) -> None:
    store(workspace, fixable())
    async with connected(workspace) as session:
        session.open("a.py")
        await actions(session)
        session.insert("a.py", 1, 0, "# more\n")
        (action,) = await actions(session, line=5)
        (change,) = changes(action)
        assert change.text_document.version == 2
        assert [each.range.start.line for each in change.edits] == [7]


async def test_it_is_gone_where_its_own_line_changed(workspace: Path) -> None:
    store(workspace, fixable())
    async with connected(workspace) as session:
        session.open("a.py")
        assert len(await actions(session)) == 1
        session.insert("a.py", 6, 4, " ")
        # The mark is on another line and stays; its edit has no place any more.
        assert await actions(session) == []
        session.replace("a.py", (6, 4), (6, 5), "", version=3)
        assert len(await actions(session)) == 1


async def test_several_files_open_or_not(workspace: Path) -> None:
    two = (*FIX.edits, edit("b.py", 5, 17, 30, '"fused"'))
    store(workspace, fixable(Fix(FIX.title, two, True, FIX.saving_j)))
    async with connected(workspace) as session:
        session.open("a.py")
        (action,) = await actions(session)
        assert [
            (change.text_document.uri, change.text_document.version) for change in changes(action)
        ] == [(session.uri("a.py"), 1), (session.uri("b.py"), None)]


async def test_only_on_the_finding_and_only_where_asked_for(workspace: Path) -> None:
    store(workspace, fixable())
    async with connected(workspace) as session:
        session.open("a.py")
        assert await actions(session, line=0, character=0) == []
        assert await actions(session, only=["refactor"]) == []
        assert await actions(session, only=["source.fixAll"]) == []
        assert len(await actions(session, only=["quickfix"])) == 1
        assert session.initialized is not None
        provider = session.initialized.capabilities.code_action_provider
        assert isinstance(provider, types.CodeActionOptions)
        assert list(provider.code_action_kinds or ()) == ["quickfix"]
        hover = await session.hover("a.py", SETTING.start.line - 1, SETTING.start.column)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert "**Fix:** pass kind=" in hover.contents.value


async def test_what_is_not_offered(workspace: Path) -> None:
    (workspace / "unmeasured.py").write_text("x = 1\n")
    library = str(workspace.parent / "library.py")
    refused = [
        Fix(FIX.title, FIX.edits, False, FIX.saving_j),  # not tried
        *(
            Fix(FIX.title, (edit(path, 1, 0, 0, "#"),), True, FIX.saving_j)
            for path in ("../library.py", library, "unmeasured.py")
        ),
    ]
    store(workspace, compared(*(found(id=f"f{i}", fix=fix) for i, fix in enumerate(refused))))
    async with connected(workspace) as session:
        assert await actions(session) == []


async def test_an_untrusted_workspace_offers_none(workspace: Path) -> None:
    store(workspace, fixable())
    async with connected(workspace, trusted=False) as session:
        assert await actions(session) == []


async def test_a_client_that_knows_no_versions(workspace: Path) -> None:
    store(workspace, fixable(cause=None))
    capabilities = client_capabilities("visual-studio-code")
    assert capabilities.workspace is not None
    capabilities.workspace.workspace_edit = None
    async with connected(workspace, capabilities=capabilities) as session:
        (action,) = await actions(session, CALL.start.line - 1, CALL.end.column)
        assert action.edit is not None
        assert action.edit.document_changes is None
        assert list(action.edit.changes or {}) == [session.uri("a.py")]
