"""The private descriptor, in processes of its own: what a fork does to it cannot be undone."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

from .agents import FOLDER

START = (
    "import os, sys, time\n"
    f"sys.path.append({str(FOLDER.parent)!r})\n"
    "from magneton_agent.channel import Channel\n"
    "from magneton_agent.schema.messages import Failure\n"
    "channel = Channel(int(sys.argv[1]))\n"
    "def say(fact): channel.send(Failure('internal', fact, '', '', ()))\n"
)


def talk(program: str, *requests: object) -> tuple[list[str], int]:
    """What ``program`` says, by its facts, until all have let go of the channel; its status."""
    ours, theirs = socket.socketpair()
    ours.settimeout(60.0)
    with ours, ours.makefile("rwb") as lines:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-S", "-c", START + program, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
            )
        for request in requests:
            lines.write(json.dumps(request).encode() + b"\n")
        lines.flush()
        facts = [json.loads(line)["body"]["fact"] for line in lines]
        return facts, process.wait()


def test_requests_in_and_replies_out() -> None:
    program = "for _ in range(2): say(repr(channel.receive()))\n"
    measure = {"type": "Measure", "body": {"steps": 2, "window_s": 0.5}}
    facts, status = talk(program, measure, {"type": "Close", "body": {}})
    assert facts == ["Measure(steps=2, window_s=0.5)", "Close()"]
    assert status == 0


def test_the_engine_may_be_gone() -> None:
    program = "os.write(1, b''); sys.exit(5 if channel.receive() is None else 6)\n"
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", START + program, str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
        )
    ours.close()
    assert process.wait(timeout=60) == 5


def test_a_forked_child_is_silent() -> None:
    program = "pid = os.fork()\nsay('from the parent' if pid else 'from the child')\n"
    program += "if pid: os.waitpid(pid, 0)\n"
    assert talk(program) == (["from the parent"], 0)


def test_to_a_forked_child_the_engine_is_gone() -> None:
    program = (
        "pid = os.fork()\n"
        "if not pid:\n"
        "    os._exit(0 if channel.receive() is None else 1)\n"  # the request is its parent's
        "say(str(os.waitpid(pid, 0)[1]))\n"
        "say(repr(channel.receive()))\n"
    )
    assert talk(program, {"type": "Close", "body": {}}) == (["0", "Close()"], 0)


def test_a_child_that_outlives_the_program_does_not_keep_the_channel_open() -> None:
    program = "pid = os.fork()\nif not pid:\n    time.sleep(600)\nsay(str(pid))\nos._exit(3)\n"
    (pid,), status = talk(program)  # would wait for the child
    assert status == 3
    os.kill(int(pid), signal.SIGKILL)


def test_a_started_program_does_not_inherit_the_descriptor() -> None:
    program = (
        "import subprocess\n"
        "code = 'import os, sys; os.fstat(int(sys.argv[1]))'\n"
        "started = subprocess.run([sys.executable, '-c', code, sys.argv[1]], close_fds=False,\n"
        "    stderr=subprocess.DEVNULL)\n"
        "say(str(started.returncode))\n"
    )
    assert talk(program) == (["1"], 0)
