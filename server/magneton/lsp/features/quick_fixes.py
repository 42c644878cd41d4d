"""Fixes that were tried, as quick fixes that edit the buffer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from magneton.report.findings import fix_text
from magneton.report.printable import printable
from magneton_agent.schema.result import Edit, Fix

from ..board import Placed
from ..opened import Opened
from ..positions import from_client, to_client_range
from ..server import MagnetonServer, file_of
from .diagnostics import SOURCE


def register(server: MagnetonServer) -> None:
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        file = file_of(params.text_document.uri)
        lines = server.current_lines(file) if file is not None else None
        if file is None or lines is None or not _wanted(server, params.context):
            return []
        codec = server.workspace.position_codec
        start, end = (
            from_client(codec, lines, each) for each in (params.range.start, params.range.end)
        )
        return [
            action
            for mark in server.board.placed(file, lines)
            if mark.start <= end and start <= mark.end
            for action in _actions(server, mark, params.context.diagnostics)
        ]


def _wanted(server: MagnetonServer, context: types.CodeActionContext) -> bool:
    """Not in a workspace that is not trusted: the edits come from a file that it brought along."""
    kinds = context.only
    return server.settings.trusted and (
        kinds is None
        or types.CodeActionKind.QuickFix in kinds
        or types.CodeActionKind.Empty in kinds
    )


def _actions(
    server: MagnetonServer, mark: Placed, diagnostics: Sequence[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """The fix of a mark, where every line that it edits is still as it was measured."""
    fix = mark.mark.finding.fix if mark.mark.finding is not None else None
    if fix is None or not fix.tried or not fix.edits:
        return
    edits = _edits(server, mark.opened, fix)
    if edits is not None:
        yield types.CodeAction(
            title=printable(f"Magneton: {fix_text(fix)}"),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[each for each in diagnostics if each.source == SOURCE],
            is_preferred=True,
            edit=_workspace_edit(server, edits),
        )


def _edits(
    server: MagnetonServer, opened: Opened, fix: Fix
) -> Mapping[Path, list[types.TextEdit]] | None:
    """The edits by file in the client's terms; None where one has no place any more."""
    found: dict[Path, list[types.TextEdit]] = {}
    for edit in fix.edits:
        file = _own_file(opened, edit)
        lines = server.current_lines(file) if file is not None else None
        if file is None or lines is None:
            return None
        span = server.board.follow(opened, file, edit.location, lines)
        if span is None:
            return None
        codec = server.workspace.position_codec
        changed = types.TextEdit(to_client_range(codec, lines, *span), edit.text)
        found.setdefault(file, []).append(changed)
    return found


def _own_file(opened: Opened, edit: Edit) -> Path | None:
    """The file of an edit; None where that is not of the workspace, or not what was measured."""
    file = opened.file(edit.location)
    absolute = Path(edit.location.path).is_absolute()
    return file if file is not None and not absolute and file in opened.texts else None


def _workspace_edit(
    server: MagnetonServer, edits: Mapping[Path, list[types.TextEdit]]
) -> types.WorkspaceEdit:
    """With the versions of the open documents, so that the client refuses it for later ones."""
    workspace = server.client_capabilities.workspace
    can = workspace.workspace_edit if workspace is not None else None
    if can is None or not can.document_changes:
        return types.WorkspaceEdit(
            changes={server.uri_of(file): each for file, each in edits.items()}
        )
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(
                    server.uri_of(file), document.version if document is not None else None
                ),
                each,
            )
            for file, each in edits.items()
            for document in [server.document(file)]
        ]
    )
