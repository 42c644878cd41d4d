"""One side: loaded, asked, started afresh where a script has ended, ended."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from magneton.engine.change import Change
from magneton.engine.failures import WorkerFailed
from magneton.engine.request import CompareRequest, MeterName, Options, SideRequest
from magneton.engine.runner import Runner
from magneton.engine.sides import load_sides
from magneton.engine.trial import Trials, Untried
from magneton.engine.unchanged import FilesChanged
from magneton_agent.schema.codec import to_json
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, EXIT_USAGE, MagnetonError
from magneton_agent.schema.messages import Load, Record, TargetSpec, Timed
from magneton_agent.schema.result import SideName
from tests.e2e.processes import runs
from tests.engine.fake_agents import interpreter

pytestmark = pytest.mark.asyncio

LOAD = """
load = receive()
print("loaded", flush=True)
with open("pids", "a") as file:
    file.write(f"{os.getpid()}\\n")
send("Loaded", LOADED)
"""
# Two requests are answered, then the script has ended.
SCRIPT = f"""{LOAD}
for number in range(2):
    receive()
    send("Timed", {{"steps": [], "dropped": number}})
while receive()["type"] != "none":
    fail("exhausted")
"""
WAIT_FOR_THE_OTHER = """
while open("pids").read().count("\\n") < 2:
    time.sleep(0.01)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("def build(): pass\ndef other(): pass\n")
    return tmp_path


def runner(workspace: Path, program: str, meter: MeterName = "auto") -> Runner:
    side = SideRequest("a.py:build", interpreter(workspace, program), ("--size", "3"))
    return Runner("a", side, str(workspace), Options(meter=meter, device="cpu", seed=7))


def pids(workspace: Path) -> list[int]:
    """The processes that have loaded the side, in order."""
    return [int(line) for line in (workspace / "pids").read_text().split()]


async def test_what_the_agent_is_asked_to_load(workspace: Path) -> None:
    program = 'import pprint\nfail("target", json.dumps(receive()["body"], sort_keys=True))'
    with pytest.raises(WorkerFailed) as caught:
        async with runner(workspace, program):
            pass
    path = str(workspace / "a.py")
    spec = TargetSpec("file", path, "", "build", ("--size", "3"))
    asked = json.dumps(to_json(Load(spec, "cpu", 7)), sort_keys=True)
    assert caught.value.fact == f"side a: {asked}"


async def test_a_target_is_checked_before_anything_starts(workspace: Path) -> None:
    with pytest.raises(MagnetonError, match="there is no bild in"):
        Runner("a", SideRequest("a.py:bild", "/nowhere/python"), str(workspace), Options())


async def test_loading_and_asking(workspace: Path) -> None:
    async with runner(workspace, SCRIPT) as side:
        assert side.loaded.cpu == "Example CPU"
        assert (await side.ask(Record(), Timed)).dropped == 0
    assert [runs(pid) for pid in pids(workspace)] == [False]


async def test_a_script_that_has_ended_is_run_again(workspace: Path) -> None:
    async with runner(workspace, SCRIPT) as side:
        answers = [(await side.ask(Record(), Timed)).dropped for _ in range(5)]
        assert answers == [0, 1, 0, 1, 0]
        assert [runs(pid) for pid in pids(workspace)] == [False, False, True]


HASHED = LOAD.replace(
    "send(",
    """\
import hashlib
with open("a.py", "rb") as file:
    LOADED["files"] = {"a.py": hashlib.sha256(file.read()).hexdigest()}
send(""",
)
CHANGED = "side a: a.py changed while it was measured"


async def test_a_file_that_is_edited_between_two_processes_of_a_script(workspace: Path) -> None:
    program = SCRIPT.replace(LOAD, HASHED)
    async with runner(workspace, program) as side:
        for _ in range(4):
            await side.ask(Record(), Timed)  # the same file is no edit, however often it is run
        (workspace / "a.py").write_text("def build(): print()\n")
        with pytest.raises(FilesChanged) as caught:
            await side.ask(Record(), Timed)
    assert caught.value.fact == CHANGED
    assert caught.value.remedy == "run it again, and edit the file when it is done"
    assert caught.value.exit_status == EXIT_SIDE_FAILED
    assert not any(runs(pid) for pid in pids(workspace))


async def test_a_file_that_is_edited_before_a_later_load(workspace: Path) -> None:
    program = HASHED + "time.sleep(600)"
    known = hashlib.sha256((workspace / "a.py").read_bytes()).hexdigest()
    both = request(workspace, program, program)
    changes = Trials("a", both.a, str(workspace), Options(), files={"a.py": known})
    async with AsyncExitStack() as stack:
        again: dict[SideName, dict[str, str]] = {"a": {"a.py": known, "b.py": ""}, "b": {}}
        await load_sides(stack, both, {}, again)
    (workspace / "a.py").write_text("def build(): print()\ndef other(): pass\n")
    async with AsyncExitStack() as stack:
        with pytest.raises(FilesChanged, match=CHANGED):
            await load_sides(stack, both, {}, again)
    async with changes:
        assert await changes.try_change(Change()) == Untried(CHANGED)


async def test_a_script_that_never_has_a_step_is_not_run_for_ever(workspace: Path) -> None:
    program = LOAD + 'while receive()["type"] != "none":\n    fail("exhausted", "no step")\n'
    async with runner(workspace, program) as side:
        with pytest.raises(WorkerFailed, match="no step"):
            await side.ask(Record(), Timed)
    assert len(pids(workspace)) == 1


async def test_another_failure_does_not_start_it_again(workspace: Path) -> None:
    program = LOAD + 'receive()\nsend("Timed", {"steps": [], "dropped": 0})\nreceive()\n'
    async with runner(workspace, program + 'fail("raised")\nreceive()\n') as side:
        await side.ask(Record(), Timed)
        with pytest.raises(WorkerFailed, match="it failed"):
            await side.ask(Record(), Timed)
    assert len(pids(workspace)) == 1


async def test_a_side_that_cannot_be_loaded_is_ended(workspace: Path) -> None:
    program = LOAD.replace('send("Loaded", LOADED)', 'fail("raised")\ntime.sleep(600)')
    with pytest.raises(WorkerFailed):
        async with runner(workspace, program):
            pass
    assert [runs(pid) for pid in pids(workspace)] == [False]


async def test_a_sensor_that_was_asked_for_must_be_there(workspace: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        async with runner(workspace, LOAD + "time.sleep(600)", meter="nvml"):
            pass
    assert caught.value.fact == "side a: there is no NVML energy counter to read"
    assert caught.value.cause == "no sensor"
    assert "--meter auto" in caught.value.remedy
    assert caught.value.exit_status == EXIT_USAGE
    assert [runs(pid) for pid in pids(workspace)] == [False]


def request(workspace: Path, a: str, b: str) -> CompareRequest:
    return CompareRequest(
        str(workspace),
        SideRequest("a.py:build", interpreter(workspace, a, "python_a")),
        SideRequest("a.py:other", interpreter(workspace, b, "python_b")),
    )


async def test_both_sides_are_loaded_at_the_same_time(workspace: Path) -> None:
    program = LOAD.replace("send(", WAIT_FOR_THE_OTHER + "send(") + "time.sleep(600)"
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        a, b = await load_sides(stack, request(workspace, program, program), {})
        assert (a.name, a.target, b.name, b.target) == ("a", "a.py:build", "b", "a.py:other")
    assert [runs(pid) for pid in pids(workspace)] == [False, False]


@pytest.mark.parametrize("failing", ["a", "b"])
async def test_when_one_side_fails_the_other_is_not_waited_for(
    workspace: Path, failing: str
) -> None:
    slow = LOAD.replace("send(", "time.sleep(600)\nsend(")
    bad = LOAD.replace('send("Loaded", LOADED)', WAIT_FOR_THE_OTHER + 'fail("raised")')
    programs = (bad, slow) if failing == "a" else (slow, bad)
    with pytest.raises(WorkerFailed, match=f"side {failing}: it failed"):
        async with AsyncExitStack() as stack, asyncio.timeout(30):
            await load_sides(stack, request(workspace, *programs), {})
    assert [runs(pid) for pid in pids(workspace)] == [False, False]
