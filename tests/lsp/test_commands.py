"""Commands: their answers, and their refusals with fact, cause and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from ..engine.fake_jobs import DONE, command, say
from .results import A_SOURCE, compared, write_files
from .session import Session, connected, store

pytestmark = pytest.mark.asyncio
SIDES = {"a": "a.py:build", "b": "b.py:build"}


async def refused(session: Session, name: str, argument: Any = None) -> tuple[int, str]:
    """Code and message of the response to a command that is not done."""
    with pytest.raises(JsonRpcException) as raised:
        await session.command(name, argument)
    return raised.value.code, raised.value.message


async def test_targets_are_the_functions_that_need_no_arguments(workspace: Path) -> None:
    async with connected(workspace) as session:
        answer = await session.command("targets", {"uri": session.uri("a.py")})
        assert answer == {
            "targets": [
                {
                    "target": "a.py:build",
                    "name": "build",
                    "range": {
                        "start": {"line": 3, "character": 4},
                        "end": {"line": 3, "character": 9},
                    },
                }
            ],
            "script": "a.py",
        }
        answer = await session.command("targets", {"uri": "untitled:new"})
        assert answer == {"targets": [], "script": None}


async def test_targets_outside_of_the_workspace_have_absolute_paths(workspace: Path) -> None:
    elsewhere = workspace.parent / "elsewhere.py"
    elsewhere.write_text(A_SOURCE, encoding="utf-8")
    async with connected(workspace) as session:
        answer = await session.command("targets", {"uri": elsewhere.as_uri()})
        assert [each["target"] for each in answer["targets"]] == [f"{elsewhere}:build"]
        assert answer["script"] == str(elsewhere)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("compare", SIDES),
        ("measure", {"a": "a.py:build"}),
        ("whatIf", {"a": "a.py:build"}),
        ("again", None),
        ("doctor", None),
    ],
)
async def test_nothing_runs_in_an_untrusted_workspace(
    workspace: Path, tmp_path: Path, name: str, argument: Any
) -> None:
    ran = tmp_path / "ran"
    program = command(f"open({str(ran)!r}, 'w')\n" + say(DONE))
    async with connected(workspace, program, trusted=False) as session:
        assert await refused(session, name, argument) == (
            -32803,
            "Nothing is run in this workspace\n"
            "Cause: it is not trusted, and a run executes its code\n"
            "Remedy: trust the workspace; results can be read without that",
        )
        assert session.jobs == []
    assert not ran.exists()


async def test_options_that_cannot_be_read_leave_the_workspace_untrusted(workspace: Path) -> None:
    async with connected(workspace, trusted="yes") as session:
        assert "initialization options are not usable" in session.client.messages[0].message
        assert (await refused(session, "compare", SIDES))[1].startswith("Nothing is run")


async def test_a_wrong_target_is_refused_at_once(workspace: Path) -> None:
    async with connected(workspace) as session:
        assert await refused(session, "compare", SIDES | {"b": "b.py:biuld"}) == (
            -32803,
            "'b.py:biuld': there is no biuld in b.py\n"
            "Cause: its top level defines no such name\n"
            "Remedy: did you mean build?",
        )
        assert (await refused(session, "measure", {"a": "c.py:build"}))[1].startswith(
            "'c.py:build': there is no such file\nCause: it was looked for at"
        )
        assert session.jobs == []


async def test_a_knob_without_a_value_is_refused_at_once(workspace: Path) -> None:
    async with connected(workspace, command(say(DONE))) as session:
        asked = {"a": "a.py:build", "knobs": ["batch_size=1,8", "depth"]}
        assert await refused(session, "whatIf", asked) == (
            -32803,
            "'depth' is no knob\n"
            "Cause: it is not of the form NAME=VALUE,VALUE\n"
            "Remedy: name a parameter of the target and what to try, such as batch_size=1,8,32",
        )
        assert session.jobs == []


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("compare", {"a": "a.py:build"}),
        ("compare", SIDES | {"options": {"treshold": 1}}),
        ("measure", {"a": 3}),
        ("measure", {"a": "a.py:build", "knobs": []}),
        ("cancel", None),
        ("cancel", []),
        ("again", {"a": "x"}),
    ],
)
async def test_an_argument_of_another_form_is_invalid(
    workspace: Path, name: str, argument: Any
) -> None:
    async with connected(workspace) as session:
        code, message = await refused(session, name, argument)
        assert code == -32602
        assert message.startswith("the command's argument is not usable: ")


async def test_without_an_interpreter_it_says_what_to_choose(workspace: Path) -> None:
    async with connected(workspace, python=None) as session:
        fact, _, remedy = (await refused(session, "compare", SIDES))[1].split("\n")
        assert fact == "There is no Python interpreter to run with"
        assert remedy == "Remedy: choose the interpreter that has your program's torch"


async def test_the_last_comparison_is_run_again(workspace: Path, tmp_path: Path) -> None:
    from magneton.engine.request import CompareRequest, SideRequest
    from magneton.engine.store import save_request

    noted = tmp_path / "request"
    program = f"open({str(noted)!r}, 'w').write(request['work']['b']['target'])\n" + say(DONE)
    async with connected(workspace, command(program)) as session:
        assert (await refused(session, "again"))[1].startswith("There is no comparison to run")
        a, b = (SideRequest(f"{name}.py:build", "python") for name in "ab")
        save_request(workspace, CompareRequest(str(workspace), a, b))
        await session.job(await session.start("again", {}), state="done")
    assert noted.read_text() == "b.py:build"


async def test_targets_are_looked_for_in_every_folder(workspace: Path, tmp_path: Path) -> None:
    other, noted = tmp_path / "other", tmp_path / "request"
    other.mkdir()
    (other / "c.py").write_text(A_SOURCE, encoding="utf-8")
    program = f"open({str(noted)!r}, 'w').write(request['work']['workspace'])\n" + say(DONE)
    async with connected(workspace, command(program), folders=[workspace, other]) as session:
        await session.job(await session.start("measure", {"a": "c.py:build"}), state="done")
    assert noted.read_text() == str(other)


async def test_of_several_folders_the_chosen_documents_is_run(
    workspace: Path, tmp_path: Path
) -> None:
    other, noted = tmp_path / "other", tmp_path / "request"
    other.mkdir()
    write_files(other)
    note = f"work = request['work']\nwrite = open({str(noted)!r}, 'w').write\n"
    program = f"{note}write(work['workspace'] + ' ' + work['b']['target'])\n" + say(DONE)
    async with connected(workspace, command(program), folders=[workspace, other]) as session:
        chosen = (other / "a.py").as_uri()
        near = {"uri": (other / "b.py").as_uri(), "relativeTo": chosen}
        far = {"uri": (workspace / "b.py").as_uri(), "relativeTo": chosen}
        (target,) = (await session.command("targets", near))["targets"]
        assert target["target"] == "b.py:build"
        answer = await session.command("targets", far)
        assert answer["script"] == str(workspace / "b.py")
        b = answer["targets"][0]["target"]
        run = await session.start("compare", {"a": "a.py:build", "b": b, "uri": chosen})
        await session.job(run, state="done")
    assert noted.read_text() == f"{other} {workspace / 'b.py'}:build"


async def test_without_a_result_there_is_nothing_to_report(workspace: Path) -> None:
    async with connected(workspace) as session:
        assert (await refused(session, "report"))[1].startswith("There is no result to report on")


async def test_clearing_removes_marks_lenses_and_the_stored_result(workspace: Path) -> None:
    store(workspace, compared())
    async with connected(workspace) as session:
        await session.eventually(lambda: session.diagnostics("a.py"))
        assert await session.command("clear") == {}
        await session.eventually(lambda: not session.diagnostics("a.py"))
        assert await session.titles("a.py") == ["Compare energy…", "Measure energy"]
        assert (await refused(session, "report"))[1].startswith("There is no result")
    assert not (workspace / ".magneton/last.json").exists()


async def test_a_result_file_is_opened_even_untrusted(workspace: Path, tmp_path: Path) -> None:
    store(workspace, compared())
    elsewhere = (workspace / ".magneton/last.json").rename(tmp_path / "kept.json")
    async with connected(workspace, trusted=False) as session:
        assert await session.command("open", {"path": str(elsewhere)}) == {"findings": 1}
        assert session.diagnostics("a.py")
        await session.command("clear")
        code, message = await refused(session, "open", {"path": str(tmp_path / "no.json")})
        assert (code, message.split("\n")[1]) == (-32803, "Cause: no such file or directory")
    assert elsewhere.exists()


async def test_the_commands_are_those_of_the_protocol(workspace: Path) -> None:
    async with connected(workspace) as session:
        assert session.initialized is not None
        provider = session.initialized.capabilities.execute_command_provider
        assert provider is not None
        assert sorted(name.removeprefix("magneton.server.") for name in provider.commands) == [
            "again",
            "cancel",
            "clear",
            "compare",
            "doctor",
            "measure",
            "open",
            "report",
            "targets",
            "whatIf",
        ]
