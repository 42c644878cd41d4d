"""A worker's process: what it answers, what it prints, and that all of it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from magneton.engine.failures import WorkerFailed, not_answered
from magneton.engine.worker import Worker
from magneton_agent.schema import codec
from magneton_agent.schema.errors import EXIT_SIDE_FAILED, EXIT_STOPPED, EXIT_USAGE, MagnetonError
from magneton_agent.schema.location import Frame
from magneton_agent.schema.messages import Close, Failure, Record, Request, Timed
from tests.e2e.processes import runs
from tests.engine.fake_agents import interpreter

pytestmark = pytest.mark.asyncio


def worker(folder: Path, program: str, device: str = "auto", timeout_s: float = 30.0) -> Worker:
    python = interpreter(folder, program)
    return Worker("side a", python, str(folder), device, "auto", timeout_s)


async def printed(agent: Worker) -> list[int]:
    """The numbers in the last line that the program printed, as soon as there is one."""
    while not agent.log:
        await asyncio.sleep(0.01)
    return [int(number) for number in agent.log[-1].split()]


async def refusal(folder: Path, program: str, timeout_s: float = 30.0) -> MagnetonError:
    with pytest.raises(MagnetonError) as caught:
        async with worker(folder, program, timeout_s=timeout_s) as agent:
            await agent.ask(Record(), Timed)
    return caught.value


async def test_a_reply_is_read(tmp_path: Path) -> None:
    program = """
assert receive() == {"type": "Record", "body": {"masks": None}}
send("Timed", {"steps": [], "dropped": 3})
receive()
"""
    async with worker(tmp_path, program) as agent:
        assert await agent.ask(Record(), Timed) == Timed((), 3)


async def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        async with Worker("side a", str(tmp_path / "none"), str(tmp_path), "auto", "auto", 1.0):
            pass
    error = caught.value
    assert error.fact == f"side a: the interpreter {tmp_path / 'none'} cannot be started"
    assert error.cause == "No such file or directory"
    assert error.remedy == "name the Python that runs the program with --python"
    assert error.exit_status == EXIT_USAGE


async def test_a_failure_keeps_its_frames_and_the_log(tmp_path: Path) -> None:
    program = """
receive()
print("about to fail")
frame = {"path": "/w/a.py", "function": "step", "first_line": 1, "line": 3, "column": 0,
         "end_line": 3, "end_column": 5}
send("Failure", {"kind": "raised", "fact": "the step raised", "cause": "c", "remedy": "r",
                 "frames": [frame]})
receive()
"""
    error = await refusal(tmp_path, program)
    assert isinstance(error, WorkerFailed)
    assert (error.fact, error.cause, error.remedy) == ("side a: the step raised", "c", "r")
    assert error.trace == ('  File "/w/a.py", line 3, in step',)
    assert error.log == ("about to fail",)
    frames = (Frame("/w/a.py", "step", 1, 3, 0, 3, 5),)
    assert error.failure == Failure("raised", "the step raised", "c", "r", frames)
    assert error.exit_status == EXIT_SIDE_FAILED


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (["a.py", "/lib/torch/linear.py", "sub/b.py"], ["a.py", "sub/b.py"]),
        (["a.py", ".venv/lib/python3.11/site-packages/x.py"], ["a.py"]),
        (["/elsewhere/a.py", "/lib/torch/linear.py"], ["/elsewhere/a.py", "/lib/torch/linear.py"]),
    ],
)
async def test_a_traceback_is_cut_to_the_workspace(
    tmp_path: Path, files: list[str], shown: list[str]
) -> None:
    frames = [codec.to_json(Frame(str(tmp_path / file), "f", 1, 2, 0, 2, 5)) for file in files]
    program = f"""
receive()
send("Failure", {{"kind": "raised", "fact": "", "cause": "", "remedy": "", "frames": {frames}}})
receive()
"""
    error = await refusal(tmp_path, program)
    assert error.trace == tuple(f'  File "{tmp_path / file}", line 2, in f' for file in shown)


@pytest.mark.parametrize(
    "answer",
    [
        'os.write(int(sys.argv[3]), b"hello\\n")',
        'os.write(int(sys.argv[3]), b"\\xff\\xfe\\n")',
        'send("Nothing", {})',
        'send("Timed", {"steps": [], "dropped": "three"})',
        'send("Timed", [])',
        'send("Measured", {"samples": [], "warnings": []})',
    ],
)
async def test_nonsense_is_refused(tmp_path: Path, answer: str) -> None:
    error = await refusal(tmp_path, f"receive()\n{answer}\nreceive()\n")
    assert error.fact.startswith("side a: the worker's answer is not one: ")
    assert error.exit_status == EXIT_SIDE_FAILED


@pytest.mark.parametrize(
    ("end", "fact", "cause"),
    [
        ("os._exit(7)", "side a ended by itself with status 7", "os._exit"),
        ("os._exit(0)", "side a ended by itself with status 0", "os._exit"),
        ("os.kill(os.getpid(), 11)", "side a was killed by signal 11", "the program crashed"),
        ("os.kill(os.getpid(), 9)", "side a was killed by signal 9", "memory ran out"),
        (
            "os.closerange(3, 100); time.sleep(60)",
            "side a closed its connection to Magneton and goes on",
            "file descriptors",
        ),
    ],
)
async def test_a_worker_that_goes(tmp_path: Path, end: str, fact: str, cause: str) -> None:
    error = await refusal(tmp_path, f'receive()\nprint("last words", flush=True)\n{end}\n')
    assert error.fact == fact
    assert cause in error.cause
    assert error.log == ("last words",)
    assert error.exit_status == EXIT_SIDE_FAILED


async def test_a_worker_that_has_gone_before_it_is_asked(tmp_path: Path) -> None:
    async with worker(tmp_path, "print(os.getpid(), flush=True); os._exit(3)") as agent:
        (pid,) = await printed(agent)
        while runs(pid):
            await asyncio.sleep(0.01)
        with pytest.raises(MagnetonError, match="ended by itself with status 3"):
            await agent.ask(Record(), Timed)


async def test_one_that_does_not_answer(tmp_path: Path) -> None:
    error = await refusal(tmp_path, "time.sleep(60)", timeout_s=0.3)
    assert error.fact == "side a did not answer within 0.3 s"
    assert error.cause == "it was asked to record a step and was still at it"
    assert "--timeout" in error.remedy
    assert error.exit_status == EXIT_STOPPED


@pytest.mark.parametrize("kind", get_args(Request))
async def test_every_request_can_be_told_to_be_late(kind: type[Request]) -> None:
    error = not_answered("side a", kind.__new__(kind), 2.0, ())
    assert error.fact == "side a did not answer within 2 s"


async def test_a_late_answer_is_nobodys(tmp_path: Path) -> None:
    program = """
print(os.getpid(), flush=True)
receive()
time.sleep(0.6)
send("Timed", {"steps": [], "dropped": 3})
receive()
send("Timed", {"steps": [], "dropped": 4})
receive()
"""
    async with worker(tmp_path, program, timeout_s=0.5) as agent:
        (pid,) = await printed(agent)
        for request in (Record(), Close()):
            with pytest.raises(MagnetonError) as caught:
                await agent.ask(request, Timed)
            assert caught.value.cause == "it was asked to record a step and was still at it"
            assert not runs(pid)
            await asyncio.sleep(0.2)


async def test_a_flood_of_anything_is_drained_and_its_end_kept(tmp_path: Path) -> None:
    program = """
receive()
sys.stdout.buffer.write(bytes(range(256)) * 8192 + b"\\n" + b"x" * (1 << 21) + b"\\n")
for number in range(1000):
    print("line", number)
print("without an end", end="", flush=True)
send("Timed", {"steps": [], "dropped": 0})
os._exit(0)
"""
    async with worker(tmp_path, program) as agent:
        assert await agent.ask(Record(), Timed) == Timed((), 0)
        with pytest.raises(MagnetonError) as caught:
            await agent.ask(Close(), Timed)
    log = caught.value.log
    assert len(log) == 40
    assert log[-2:] == ("line 999", "without an end")


async def test_leaving_ends_all_that_was_started(tmp_path: Path) -> None:
    program = """
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
forked = os.fork()
if not forked:
    time.sleep(600)
print(os.getpid(), child.pid, forked, flush=True)
time.sleep(600)
"""
    async with worker(tmp_path, program) as agent:
        pids = await printed(agent)
        assert [runs(pid) for pid in pids] == [True, True, True]
    assert [runs(pid) for pid in pids] == [False, False, False]


async def test_cancelling_ends_it_too(tmp_path: Path) -> None:
    agent = worker(tmp_path, "print(os.getpid(), flush=True); time.sleep(600)")

    async def ask() -> None:
        async with agent:
            await agent.ask(Record(), Timed)

    task = asyncio.create_task(ask())
    (pid,) = await printed(agent)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not runs(pid)


@pytest.mark.parametrize(
    ("device", "visible"), [("auto", "inherited"), ("cpu", ""), ("cuda:1", "1")]
)
async def test_the_devices_that_it_sees(
    tmp_path: Path, device: str, visible: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "inherited")
    program = 'receive()\nfail("internal", repr(os.environ["CUDA_VISIBLE_DEVICES"]))\nreceive()\n'
    with pytest.raises(WorkerFailed, match=f"side a: {visible!r}$"):
        async with worker(tmp_path, program, device) as agent:
            await agent.ask(Record(), Timed)


async def test_it_works_in_the_workspace_with_no_input(tmp_path: Path) -> None:
    program = 'receive()\nfail("internal", f"{os.getcwd()} {sys.stdin.read()!r}")\nreceive()\n'
    error = await refusal(tmp_path, program)
    assert error.fact == f"side a: {tmp_path.resolve()} ''"
