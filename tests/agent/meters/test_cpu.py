"""CPU time of a process and all below it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from magneton_agent.meters.cpu import cpu_time_s, descendants, usable_cpus

# Uses 0.3 s of CPU time by its own clock, says so, and lives until it is told to end.
BUSY = (
    "import sys, time\n"
    "while time.process_time() < 0.3: pass\n"
    "print(flush=True)\n"
    "sys.stdin.readline()\n"
)
# The system counts whole ticks of 10 ms, of user and of system time; starting up costs a little.
LOW_S, TWICE_S = 0.27, 0.55
# The same, by a child of its own.
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {BUSY!r}])"
# A helper that lives on, and whose child has ended and was waited for.
HELPER = (
    "import subprocess, sys\n"
    f"subprocess.run([sys.executable, '-S', '-c', {BUSY!r}], stdin=subprocess.DEVNULL)\n"
    "sys.stdin.readline()\n"
)
# The same, but with one short child after the other, until it is told to end.
SPAWNING = (
    "import os, select, sys, time\n"
    "print(flush=True)\n"
    "while not select.select([sys.stdin], [], [], 0)[0]:\n"
    "    if not (pid := os.fork()):\n"
    "        while time.process_time() < 0.02: pass\n"
    "        os._exit(0)\n"
    "    os.waitpid(pid, 0)\n"
)


def used_by(program: str) -> tuple[float, float]:
    """What ``program`` adds while it lives, and after it was waited for."""
    before_s = cpu_time_s()
    with subprocess.Popen(
        [sys.executable, "-S", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        living_s = cpu_time_s() - before_s
        process.communicate(b"\n")
    return living_s, cpu_time_s() - before_s


def test_living_and_ended_children_count() -> None:
    living_s, ended_s = used_by(BUSY)
    assert LOW_S <= living_s < TWICE_S
    assert LOW_S <= ended_s < TWICE_S


def test_grandchildren_count() -> None:
    living_s, ended_s = used_by(PARENT)
    assert LOW_S <= living_s < TWICE_S
    assert LOW_S <= ended_s < TWICE_S


def test_what_a_living_helper_has_waited_for_counts() -> None:
    with subprocess.Popen(
        [sys.executable, "-S", "-c", HELPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        before_s = cpu_time_s()
        assert process.stdout is not None
        process.stdout.readline()
        while len(descendants(process.pid)):
            time.sleep(0.01)
        living_s = cpu_time_s() - before_s
        process.communicate(b"\n")
    assert LOW_S <= living_s < TWICE_S
    assert LOW_S <= cpu_time_s() - before_s < TWICE_S


def test_the_sum_never_falls() -> None:
    with subprocess.Popen(
        [sys.executable, "-S", "-c", SPAWNING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seen = [cpu_time_s()]
        while seen[-1] < seen[0] + 0.5:
            seen.append(cpu_time_s())
        process.communicate(b"\n")
    assert seen == sorted(seen)


def test_own_threads_count() -> None:
    before_s = cpu_time_s()
    own_s = os.times().user
    while os.times().user < own_s + 0.1:
        pass
    assert cpu_time_s() - before_s >= 0.09


def test_usable_cpus_are_those_of_this_process() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert usable_cpus() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert usable_cpus() == len(allowed)
