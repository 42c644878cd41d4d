"""Jobs run one at a time; none outlives its cancellation; no job harms the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from magneton.engine.job_messages import DoctorRequest, Done
from magneton.engine.queue import JobQueue, JobStatus

from .fake_jobs import DONE, FAILED, MEASURING, command, detached_sleeper, is_running, say

WORK = DoctorRequest("python")
SLEEP = "time.sleep(600)\n"


class Watched:
    """A queue and all that it told, in order."""

    def __init__(self, program: str) -> None:
        self.told: list[JobStatus] = []
        self._changed = asyncio.Event()
        self.queue = JobQueue(self._note, command(program))

    def _note(self, status: JobStatus) -> None:
        self.told.append(status)
        self._changed.set()

    def states(self, job: str) -> list[str]:
        return [status.state for status in self.told if status.id == job]

    async def until(self, condition: Callable[[JobStatus], bool]) -> JobStatus:
        """The first status, told already or later, that meets ``condition``."""
        while True:
            for status in self.told:
                if condition(status):
                    return status
            self._changed.clear()
            await self._changed.wait()

    async def end_of(self, job: str) -> JobStatus:
        return await self.until(
            lambda s: s.id == job and s.state in ("done", "failed", "cancelled")
        )

    async def measuring(self, job: str) -> JobStatus:
        return await self.until(lambda s: s.id == job and s.phase == "measure")


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(main())


def outcome(program: str) -> JobStatus:
    """The last status of one job that runs ``program``."""
    ended: list[JobStatus] = []

    async def scenario() -> None:
        watched = Watched(program)
        ended.append(await watched.end_of(watched.queue.submit(WORK)))

    run(scenario)
    return ended[0]


def test_a_job_tells_its_progress_and_its_result() -> None:
    async def scenario() -> None:
        watched = Watched(say(MEASURING) + say(DONE))
        job = watched.queue.submit(WORK)
        await watched.end_of(job)
        assert [(s.state, s.phase, s.fraction, s.message) for s in watched.told] == [
            ("queued", None, 0.0, ""),
            ("running", None, 0.0, ""),
            ("running", "measure", 0.5, "measuring side a"),
            ("done", "measure", 1.0, "measuring side a"),
        ]
        assert watched.told[-1].done == Done("done")

    run(scenario)


def test_the_job_is_told_its_work(tmp_path: Path) -> None:
    noted = tmp_path / "request"
    outcome(f"open({str(noted)!r}, 'w').write(json.dumps(request))\n" + say(DONE))
    assert noted.read_text() == '{"work": {"python": "python"}}'


def test_jobs_run_one_after_another_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = (
        f"note = lambda text: open({str(log)!r}, 'a').write(text)\n"
        "note('begin '); time.sleep(0.05); note('end ')\n"
    )

    async def scenario() -> None:
        watched = Watched(program + say(DONE))
        jobs = [watched.queue.submit(WORK) for _ in range(3)]
        for job in jobs:
            await watched.end_of(job)
        assert [s.id for s in watched.told if s.state == "done"] == jobs

    run(scenario)
    assert log.read_text() == "begin end begin end begin end "


def test_a_cancelled_job_leaves_no_process(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    async def scenario() -> None:
        program = (
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            + detached_sleeper(pid_file)
            + say(MEASURING)
            + SLEEP  # and deaf to the end of its input
        )
        watched = Watched(program)
        job = watched.queue.submit(WORK)
        await watched.measuring(job)
        child = int(pid_file.read_text())
        assert is_running(child)
        assert watched.queue.cancel(job)
        await watched.end_of(job)
        assert not is_running(child)
        assert watched.states(job)[-1] == "cancelled"

    run(scenario)


def test_a_queued_job_can_be_cancelled_and_never_starts(tmp_path: Path) -> None:
    started = tmp_path / "started"

    async def scenario() -> None:
        watched = Watched(f"open({str(started)!r}, 'a').write('x')\n" + say(MEASURING) + SLEEP)
        first, second, third = (watched.queue.submit(WORK) for _ in range(3))
        assert watched.queue.cancel(third)  # before its task has run at all
        await watched.measuring(first)
        assert watched.queue.cancel(second)
        await watched.end_of(second)
        await watched.end_of(third)
        assert watched.states(second) == watched.states(third) == ["queued", "cancelled"]
        await watched.queue.close()
        assert watched.states(first)[-1] == "cancelled"

    run(scenario)
    assert started.read_text() == "x"


def test_cancelling_twice_or_an_ended_or_unknown_job_says_so() -> None:
    async def scenario() -> None:
        watched = Watched(say(MEASURING) + SLEEP)
        job = watched.queue.submit(WORK)
        await watched.measuring(job)
        assert watched.queue.cancel(job)
        assert not watched.queue.cancel(job)
        await watched.end_of(job)
        assert not watched.queue.cancel(job)
        assert not watched.queue.cancel("unknown")

    run(scenario)


def test_the_next_job_runs_after_a_bad_one(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = f"if not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w'); os.abort()\n"

    async def scenario() -> None:
        watched = Watched(program + say(DONE))
        first, second = watched.queue.submit(WORK), watched.queue.submit(WORK)
        assert (await watched.end_of(first)).state == "failed"
        assert (await watched.end_of(second)).state == "done"

    run(scenario)


def test_what_a_job_says_of_its_failure_is_kept() -> None:
    error = outcome(say(FAILED)).error
    assert error is not None
    assert (error.fact, error.cause, error.remedy) == ("side a failed", "it raised", "mend it")
    assert (error.exit_status, error.trace, error.log) == (
        3,
        ("  File a.py",),
        ("its last words",),
    )


def test_a_crash_is_told_with_its_last_lines() -> None:
    error = outcome("print('before', file=sys.stderr)\nraise KeyError('lost')\n").error
    assert error is not None
    assert error.fact == "the run ended unexpectedly with status 1"
    assert error.cause == "KeyError: 'lost'"
    assert error.log[0] == "before"


def test_a_killed_job_names_the_signal_and_the_likely_reason() -> None:
    error = outcome("os.kill(os.getpid(), 9)\n").error
    assert error is not None
    assert error.fact == "the run was ended by signal 9 (Killed)"
    assert error.cause == "often because the machine ran out of memory"


@pytest.mark.parametrize(
    "junk",
    [
        "print('hello', flush=True)\n",
        'print(\'{"event": {"event": "surprise"}}\', flush=True)\n',
        "sys.stdout.buffer.write(bytes([255, 254, 10])); sys.stdout.flush()\n",
        "while True: sys.stdout.write('x' * 1000000)\n",
    ],
    ids=["text", "unknown event", "bytes", "a line without end"],
)
def test_a_job_that_speaks_nonsense_is_stopped(junk: str) -> None:
    error = outcome(junk + SLEEP).error
    assert error is not None
    assert error.fact == "the run was stopped: what it reported could not be understood"


def test_a_flood_on_standard_error_blocks_nothing() -> None:
    program = "for _ in range(100): sys.stderr.write('noise' * 10000)\n" + say(DONE)
    assert outcome(program).state == "done"


def test_a_job_that_stays_after_its_last_word_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    assert outcome(detached_sleeper(pid_file) + say(DONE) + SLEEP).state == "done"
    assert not is_running(int(pid_file.read_text()))


def test_a_command_that_cannot_be_started_fails_the_job() -> None:
    async def scenario() -> None:
        watched = Watched("")
        watched.queue = JobQueue(watched._note, ("/nowhere/python",))
        error = (await watched.end_of(watched.queue.submit(WORK))).error
        assert error is not None
        assert error.fact == "no process could be started for the run"

    run(scenario)


def test_the_end_of_the_event_loop_ends_running_jobs(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    async def scenario() -> None:
        watched = Watched(detached_sleeper(pid_file) + say(MEASURING) + SLEEP)
        await watched.measuring(watched.queue.submit(WORK))

    run(scenario)  # ends without close(), as after a lost client
    assert not is_running(int(pid_file.read_text()))


def test_it_also_ends_those_that_were_being_cancelled(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    async def scenario() -> None:
        watched = Watched(detached_sleeper(pid_file) + say(MEASURING) + SLEEP)
        job = watched.queue.submit(WORK)
        await watched.measuring(job)
        watched.queue.cancel(job)
        await asyncio.sleep(0)  # the cancellation waits for the job to end by itself

    run(scenario)
    assert not is_running(int(pid_file.read_text()))
