"""Agents that are forked from a process with the libraries in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from magneton.engine.fork_server import Forked, ForkServer
from magneton.engine.forking import Forking
from magneton.engine.worker import Worker
from magneton.source.positions import Locator
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import (
    Imported,
    Libraries,
    Load,
    Loaded,
    Measure,
    Measured,
    Record,
    TargetSpec,
)
from magneton_agent.schema.recording import Recording
from tests.e2e.processes import runs
from tests.engine.command import PYTHON
from tests.engine.fake_agents import interpreter
from tests.engine.fake_runners import FakeRunner

pytestmark = pytest.mark.asyncio

PROGRAM = """\
import os, sys
import torch

print("before it:", "colorsys" in sys.modules, "chunk" in sys.modules, flush=True)


def build():
    x = torch.ones(4)
    return lambda: x + x


def leave():
    return lambda: os._exit(3)


def pid():
    print(os.getpid(), flush=True)
    return lambda: torch.ones(2)
"""


def arguments(folder: Path, python: str = PYTHON) -> tuple[object, ...]:
    return ("side a", python, str(folder), "cpu", "model", 60.0)


def load(folder: Path, name: str) -> Load:
    (folder / "program.py").write_text(PROGRAM)
    path = str(folder / "program.py")
    return Load(TargetSpec("file", path, "", name, ()), "cpu", 0)


async def recorded(agent: Worker, request: Load) -> list[str]:
    await agent.ask(request, Loaded)
    recording = await agent.ask(Record(), Recording)
    return [operator.name for operator in recording.operators]


async def test_agents_answer_with_the_libraries_imported(tmp_path: Path) -> None:
    request = load(tmp_path, "build")
    async with ForkServer.of(["colorsys", "no_such_module"], *arguments(tmp_path)) as server:
        for _ in range(2):
            async with Forked.of(server, *arguments(tmp_path)) as agent:
                assert await recorded(agent, request) == ["aten::add"]
                assert agent.log[-1] == "before it: True False"


async def test_an_agent_that_ends_leaves_the_others(tmp_path: Path) -> None:
    async with ForkServer.of([], *arguments(tmp_path)) as server:
        async with Forked.of(server, *arguments(tmp_path)) as agent:
            await agent.ask(load(tmp_path, "leave"), Loaded)
            with pytest.raises(MagnetonError) as caught:
                await agent.ask(Measure(1, 0.0), Measured)
        assert caught.value.fact == "side a ended by itself with status 3"
        async with Forked.of(server, *arguments(tmp_path)) as agent:
            assert await recorded(agent, load(tmp_path, "build")) == ["aten::add"]


async def test_an_agent_ends_with_its_block(tmp_path: Path) -> None:
    async with ForkServer.of([], *arguments(tmp_path)) as server:
        async with Forked.of(server, *arguments(tmp_path)) as agent:
            await agent.ask(load(tmp_path, "pid"), Loaded)
            while not agent.log[-1].isdecimal():
                await agent.ask(Record(), Recording)
            process = int(agent.log[-1])
            assert runs(process)
        assert not runs(process)


async def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next(tmp_path: Path) -> None:
    async with ForkServer.of([], *arguments(tmp_path)) as server:
        (_, writer), process = await server.forked()
        waiting = asyncio.create_task(server.ended(process, patience_s=0.5))
        await asyncio.sleep(0.1)  # the server has read it by then
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with Forked.of(server, *arguments(tmp_path)) as agent:
            assert await recorded(agent, load(tmp_path, "build")) == ["aten::add"]
            assert agent._process_id is not None
            assert agent._process_id > 1  # what the other ended with is no process
            assert runs(agent._process_id)
        writer.close()


async def test_a_server_that_is_gone_takes_its_agents_along(tmp_path: Path) -> None:
    async with ForkServer.of([], *arguments(tmp_path)) as server:
        agent = Forked.of(server, *arguments(tmp_path))
        async with agent:
            await server.__aexit__(None, None, None)
            with pytest.raises(MagnetonError) as caught:
                await agent.ask(load(tmp_path, "build"), Loaded)
    assert caught.value.fact == "side a was killed by signal 9"


async def test_libraries_that_start_threads_are_refused(tmp_path: Path) -> None:
    python = interpreter(tmp_path, 'os.write(int(sys.argv[3]), b"unfit\\n")\nreceive()\n')
    with pytest.raises(MagnetonError) as caught:
        async with ForkServer.of([], *arguments(tmp_path, python)):
            pass
    assert caught.value.fact == "side a: its libraries cannot be shared by several processes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("import json\n", ["torch", "yaml"]), ("import os\nos.environ['A'] = '1'\n", [])],
)
async def test_what_may_read_a_variable_is_left_to_the_program(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    (tmp_path / "a.py").write_text(text)
    said = "print(json.loads(sys.argv[6])['libraries'], flush=True)\n"
    python = interpreter(tmp_path, said + 'os.write(int(sys.argv[3]), b"ready\\n")\nreceive()\n')
    side = FakeRunner({Libraries: lambda _: Imported(("torch", "yaml"))}).load(files={"a.py": ""})
    side.locator = Locator(tmp_path)
    async with Forking() as forking:
        server = await forking.server(side, arguments(tmp_path, python))
        assert server is not None
        assert await forking.server(side, arguments(tmp_path, python)) is server
        while not server.log:
            await server._printed.settle()
        assert server.log[-1] == str(expected).replace("'", '"')


async def test_without_a_server_nothing_is_lost(tmp_path: Path) -> None:
    side = FakeRunner({Libraries: lambda _: Imported(("torch",))})
    side.locator = Locator(tmp_path)
    async with Forking() as forking:
        assert await forking.server(side, arguments(tmp_path, str(tmp_path / "none"))) is None
