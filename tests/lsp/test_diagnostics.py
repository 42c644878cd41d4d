"""Findings appear on their exact ranges, stay there through edits, and go when they must."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from magneton_agent.schema.result import Outputs, Sides

from ..builders import cause, location, measurement, repeated, side
from .results import A_SOURCE, CALL, LIBRARY_SOURCE, SETTING, compared, digest, found, sides
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio
OLDER = "\nMeasured on an older version of this file."


def spans(diagnostics: object) -> list[str]:
    """Ranges as ``line:character-line:character``, 0-based."""
    assert isinstance(diagnostics, list | tuple)
    return [str(diagnostic.range) for diagnostic in diagnostics]


async def shown(session: Session, name: str = "a.py") -> types.Diagnostic:
    """The one diagnostic of a file."""
    (diagnostic,) = await session.eventually(lambda: session.diagnostics(name))
    assert isinstance(diagnostic, types.Diagnostic)
    return diagnostic


async def settled(session: Session) -> None:
    """Return when the server has dealt with all that was sent before."""
    await session.command("cancel", {"job": "none"})


async def test_a_stored_result_is_shown_at_start_even_where_nothing_may_run(
    workspace: Path,
) -> None:
    inside = location(str(workspace.parent / "library.py"), 2, 16, end_column=23)
    store(workspace, compared(found(call_path=(*found().call_path, inside))))
    async with connected(workspace, trusted=False) as session:
        diagnostic = await shown(session)
    assert str(diagnostic.range) == "4:4-4:30"  # the deciding line
    assert (diagnostic.source, diagnostic.code) == ("magneton", "magneton-performance")
    assert diagnostic.severity == types.DiagnosticSeverity.Warning
    assert diagnostic.message == (
        "The activation is written out in small operators: saves 400 mJ (396 to 404), modelled:"
        " 20.0 % (19.8 to 20.2) of side a's step"
    )
    # In UTF-16 units: é😀 are three, so that the call begins one later than in code points.
    assert [
        (Path(info.location.uri).name, str(info.location.range), info.message)
        for info in diagnostic.related_information or ()
    ] == [
        ("a.py", "6:27-6:31", "side a spends it here"),
        ("library.py", "1:16-1:23", "down to this call"),
        ("b.py", "6:27-6:31", "side b does the same here"),
    ]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        (types.PositionEncodingKind.Utf8, "6:30-6:34"),
        (types.PositionEncodingKind.Utf16, "6:27-6:31"),
        (types.PositionEncodingKind.Utf32, "6:26-6:30"),
    ],
)
async def test_ranges_count_as_the_client_does(
    workspace: Path, encoding: types.PositionEncodingKind, expected: str
) -> None:
    store(workspace, compared(found(cause=None)))
    capabilities = client_capabilities("visual-studio-code")
    capabilities.general = types.GeneralClientCapabilities(position_encodings=[encoding])
    async with connected(workspace, capabilities=capabilities) as session:
        assert str((await shown(session)).range) == expected


async def test_a_cause_in_a_library_leaves_the_diagnostic_at_the_call(workspace: Path) -> None:
    inside = location(str(workspace.parent / "library.py"), 1, 4, end_column=8)
    store(workspace, compared(found(cause=cause(location=inside))))
    async with connected(workspace) as session:
        diagnostic = await shown(session)
        assert str(diagnostic.range) == "6:27-6:31"
        assert not session.client.diagnostics.keys() - {session.uri("a.py")}


async def test_findings_on_one_range_are_one_diagnostic_of_the_gravest_class(
    workspace: Path,
) -> None:
    second = found(id="f2", class_="waste", message="it is computed twice", count=3)
    store(workspace, compared(found(class_="trade-off"), second))
    async with connected(workspace) as session:
        diagnostic = await shown(session)
    assert diagnostic.code == "magneton-waste"
    assert diagnostic.message.split("\n")[0].startswith("It is computed twice (in 3 places alike):")
    assert diagnostic.message.split("\n")[1].startswith("The activation is written out")


async def test_severities_are_warning_and_information_unless_configured(workspace: Path) -> None:
    trade_off = found(id="f2", class_="trade-off", cause=None)
    store(workspace, compared(found(class_="waste"), trade_off))
    async with connected(workspace) as session:
        found_ = await session.eventually(lambda: session.diagnostics("a.py"))
        assert [(d.code, d.severity.name) for d in found_] == [
            ("magneton-waste", "Warning"),
            ("magneton-trade-off", "Information"),
        ]
    async with connected(workspace, severity={"waste": "error", "other": "hint"}) as session:
        found_ = await session.eventually(lambda: session.diagnostics("a.py"))
        assert [d.severity.name for d in found_] == ["Error", "Hint"]


async def test_severities_change_while_the_server_runs(workspace: Path) -> None:
    store(workspace, compared(found(class_="waste")))

    def severity() -> types.DiagnosticSeverity | None:
        return next((each.severity for each in session.diagnostics("a.py")), None)

    async with connected(workspace) as session:
        await session.eventually(lambda: severity() == types.DiagnosticSeverity.Warning)
        for settings in ({"severity": {"waste": "error"}}, {"severity": {"waste": 3}}, {}, None):
            changed = types.DidChangeConfigurationParams(settings)
            session.client.workspace_did_change_configuration(changed)
        await session.eventually(lambda: severity() == types.DiagnosticSeverity.Error)
        await session.eventually(lambda: session.client.messages)
        (message,) = session.client.messages
        assert message.message.startswith("Magneton: the severities are not usable: ")
        assert severity() == types.DiagnosticSeverity.Error


async def test_equal_findings_and_those_without_a_line_are_not_shown(workspace: Path) -> None:
    equal, nowhere = found(class_="equal"), found(location=None, cause=None)
    store(workspace, compared(equal, nowhere, found(cause=None)))
    async with connected(workspace) as session:
        assert str((await shown(session)).range) == "6:27-6:31"


async def test_different_outputs_are_told_at_both_targets(workspace: Path) -> None:
    outputs = Outputs("outputs", False, None, "output 0: shape (2, 3) against (2, 4)")
    store(workspace, compared(verdict="different", outputs=outputs, findings=()))
    async with connected(workspace) as session:
        for name in ("a.py", "b.py"):
            diagnostic = await shown(session, name)
            assert str(diagnostic.range) == "3:4-3:9"
            assert diagnostic.code == "magneton-different"
            assert diagnostic.severity == types.DiagnosticSeverity.Information
            assert diagnostic.message == (
                "The two sides do not compute the same, so nothing is called waste:"
                " output 0: shape (2, 3) against (2, 4)"
            )


async def test_ranges_follow_edits_and_say_that_the_file_has_changed(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        measured = (await shown(session)).message
        session.open("a.py")
        session.insert("a.py", 1, 0, "import math\nimport time\n")
        moved = await session.eventually(
            lambda: (
                spans(session.diagnostics("a.py")) == ["6:4-6:30"]
                and session.diagnostics("a.py")[0]
            )
        )
        assert moved.message == measured + OLDER
        assert [str(i.location.range) for i in moved.related_information] == [
            "8:27-8:31",
            "6:27-6:31",
        ]
        session.replace("a.py", (1, 0), (3, 0), "", version=3)  # undone
        back = await session.eventually(
            lambda: (
                spans(session.diagnostics("a.py")) == ["4:4-4:30"]
                and session.diagnostics("a.py")[0]
            )
        )
        assert back.message == measured


async def test_a_line_typed_at_the_start_of_a_marked_line_pushes_it_down(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await shown(session)
        session.open("a.py")
        session.insert("a.py", 4, 0, "    y = 1\n")
        await session.eventually(lambda: spans(session.diagnostics("a.py")) == ["5:4-5:30"])


async def test_a_mark_whose_own_line_changed_is_dropped_until_that_is_undone(
    workspace: Path,
) -> None:
    store(workspace, compared(found(), found(id="f2", cause=None)))
    async with connected(workspace) as session:
        both = await session.eventually(lambda: session.diagnostics("a.py"))
        assert spans(both) == ["4:4-4:30", "6:27-6:31"]
        session.open("a.py")
        session.insert("a.py", 4, 30, "  # why?")
        await session.eventually(lambda: spans(session.diagnostics("a.py")) == ["6:27-6:31"])
        assert await session.hover("a.py", 4, 10) is None
        session.replace("a.py", (4, 30), (4, 38), "", version=3)
        await session.eventually(
            lambda: spans(session.diagnostics("a.py")) == ["4:4-4:30", "6:27-6:31"]
        )


async def test_a_mark_over_several_lines_is_dropped_when_one_is_put_between(
    workspace: Path,
) -> None:
    store(workspace, compared(found(cause=None, location=location("a.py", 5, 4, 7, 31))))
    async with connected(workspace) as session:
        assert str((await shown(session)).range) == "4:4-6:32"
        session.open("a.py")
        session.insert("a.py", 4, 0, "\n")
        await session.eventually(lambda: spans(session.diagnostics("a.py")) == ["5:4-7:32"])
        session.insert("a.py", 6, 0, "    y = 1\n", version=3)
        await session.eventually(lambda: not session.diagnostics("a.py"))


async def test_closing_without_saving_brings_the_marks_back(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await shown(session)
        session.open("a.py")
        session.insert("a.py", 4, 4, "x")
        await session.eventually(lambda: not session.diagnostics("a.py"))
        session.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(session.uri("a.py")))
        )
        assert str((await shown(session)).range) == "4:4-4:30"


async def test_a_file_that_changed_since_the_run_shows_no_marks(workspace: Path) -> None:
    """Nothing says which of its lines were measured; what lies in other files is still shown."""
    in_b = found(
        id="f2",
        wasteful_side="b",
        location=location("b.py", 6, 8, end_column=21),
        cause=None,
        counterpart=SETTING,
    )
    store(workspace, compared(found(), in_b))
    (workspace / "a.py").write_text("# new\n" + A_SOURCE, encoding="utf-8")
    async with connected(workspace) as session:
        diagnostic = await shown(session, "b.py")
        assert str(diagnostic.range) == "5:8-5:21"
        assert not diagnostic.related_information  # its counterpart lies in a.py
        assert not session.diagnostics("a.py")
        assert [log.message for log in session.client.log_messages] == [
            "Changed since they were measured, so that nothing is marked in them: a.py"
        ]


async def test_a_file_changed_by_another_program_is_followed(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await shown(session)
        (workspace / "a.py").write_text("# new\n" + A_SOURCE, encoding="utf-8")
        session.changed(workspace / "a.py")
        await session.eventually(lambda: spans(session.diagnostics("a.py")) == ["5:4-5:30"])


async def test_a_result_saved_over_during_its_run_is_held_against_what_was_measured(
    workspace: Path,
) -> None:
    async with connected(workspace) as session:
        session.open("a.py")
        # Parsed in a thread that starts after the one that reads the file, and takes far longer.
        await session.command("targets", {"uri": session.uri("a.py")})
        session.insert("a.py", 0, 0, "# new\n")
        (workspace / "a.py").write_text("# new\n" + A_SOURCE, encoding="utf-8")
        session.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(session.uri("a.py")))
        )
        store(workspace, compared())
        answer = await session.command("open", {"path": str(workspace / ".magneton/last.json")})
        assert answer == {"findings": 1}
        diagnostic = await shown(session)
        assert str(diagnostic.range) == "5:4-5:30"
        assert diagnostic.message.endswith(OLDER)


async def test_each_folder_shows_its_own_result(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text(A_SOURCE, encoding="utf-8")
    (other / "b.py").write_bytes((workspace / "b.py").read_bytes())
    store(workspace, compared())
    store(other, compared(found(cause=None)))
    async with connected(workspace, folders=[workspace, other]) as session:
        assert str((await shown(session)).range) == "4:4-4:30"
        assert str((await shown(Session(session.client, other))).range) == "6:27-6:31"
        session.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    added=[], removed=[types.WorkspaceFolder(other.as_uri(), "other")]
                )
            )
        )
        await session.eventually(lambda: not session.client.diagnostics[(other / "a.py").as_uri()])
        assert session.diagnostics("a.py")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"schema": "magneton.comparison/1", "crea', "is not a result that can be read"),
        ('{"schema": "magneton.comparison/9"}', "cannot be read by this version of Magneton"),
    ],
)
async def test_a_damaged_or_newer_result_is_told_and_nothing_else_suffers(
    workspace: Path, content: str, expected: str
) -> None:
    folder = workspace / ".magneton"
    folder.mkdir()
    (folder / "last.json").write_text(content)
    async with connected(workspace) as session:
        (message,) = await session.eventually(lambda: session.client.messages)
        fact, cause_line, remedy = message.message.split("\n")
        assert fact == f"{folder / 'last.json'} {expected}"
        assert cause_line.startswith("Cause: ")
        assert remedy.startswith("Remedy: ")
        assert await session.hover("a.py", 4, 10) is None


async def test_a_result_that_points_out_of_its_workspace_reads_nothing_there(
    workspace: Path,
) -> None:
    outside = location("../library.py", 1, 4, end_column=8)
    files = {"a.py": digest(A_SOURCE), "../library.py": digest(LIBRARY_SOURCE)}
    beyond = Sides(side(files=files), sides().b)
    findings = found(cause=None, location=outside), found(id="f2")
    store(workspace, compared(*findings, sides=beyond))
    async with connected(workspace) as session:
        await shown(session)
        assert session.client.diagnostics.keys() == {session.uri("a.py")}


async def test_repeated_work_of_a_measurement_is_marked(workspace: Path) -> None:
    measured = measurement(side=sides().a, findings=(repeated(location=CALL, call_path=()),))
    store(workspace, measured)
    async with connected(workspace) as session:
        diagnostic = await shown(session)
    assert (str(diagnostic.range), diagnostic.code) == ("6:27-6:31", "magneton-performance")
    assert diagnostic.message == (
        "`table(x)` is computed 4 times from the same values; once is enough: saves 300 mJ"
        " (297 to 303), modelled: 15.0 % (14.8 to 15.1) of the step"
    )
