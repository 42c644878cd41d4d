"""Joules from end to end: an external meter's log beside a program that runs."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from magneton.analysis.alignment import Alignment
from magneton.analysis.power_log import PowerLog, parse
from magneton.engine import schedule
from magneton.engine.external import slot_s, window_error, with_energy
from magneton.engine.measurement import measure
from magneton.engine.request import MeasureRequest, Options, Progress, SideRequest
from magneton.engine.store import encode
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Sample
from magneton_agent.schema.quantity import Quantity

from .meter_logger import AHEAD_S

pytestmark = pytest.mark.quiet

ROOT = Path(__file__).parents[2]
PROGRAM = """
import time, torch

torch.set_num_threads(1)
x = torch.ones(64, 64)
log = open("steps.txt", "a", buffering=1)

def step():
    started = time.monotonic()
    end = time.process_time() + 0.02
    y = x @ x
    while time.process_time() < end:
        pass
    time.sleep(0.02)
    log.write(f"{started} {time.monotonic()}\\n")
    return y
"""


@contextmanager
def logger(file: Path, until: Path | None = None) -> Iterator[None]:
    """The meter, logging to ``file`` until there is a file ``until``."""
    command = [sys.executable, "-m", "tests.engine.meter_logger", str(os.getpid()), str(file)]
    command += [] if until is None else [str(until)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            while not file.is_file() or file.stat().st_size < 200:
                assert process.poll() is None
                asyncio.run(asyncio.sleep(0.05))
            yield
        finally:
            process.kill()


def truth_j(file: Path, steps: Path) -> float:
    """Mean energy of the steps in the log, each integrated by its own clock and figures, J."""
    log: PowerLog = parse(file.read_text(), "log")
    energies_j = []
    for line in steps.read_text().splitlines():
        started_s, ended_s = map(float, line.split())
        if ended_s + AHEAD_S > log.times_s[-1]:
            break
        mean_w = log.mean_w(started_s + AHEAD_S, ended_s + AHEAD_S)
        energies_j.append(mean_w * (ended_s - started_s))
    assert len(energies_j) > 10
    return statistics.fmean(energies_j)


def request(folder: Path, log: Path) -> MeasureRequest:
    (folder / "program.py").write_text(textwrap.dedent(PROGRAM))
    options = Options(meter="csv", power_log=str(log), device="cpu", time_budget_s=1.0)
    return MeasureRequest(str(folder), SideRequest("program.py:step", sys.executable), options)


def test_between_a_scripts_steps_what_the_meter_covers_is_taken_to_idle() -> None:
    # 20 W from 10 to 11 s of the log, 5 W around it: a window of 4 s holds 35 J.
    log = PowerLog([0.0, 9.999, 10.0, 11.0, 11.001, 30.0], [5.0, 5.0, 20.0, 20.0, 5.0, 5.0])
    alignment = Alignment(0.0, 0.0, 0.0, 0.01, 0.9, idle_w=5.0)
    window = Sample(2, 0.5, 0.1, None, started_s=9.0, ended_s=13.0)
    found = with_energy(log, alignment, replace(window, gaps_s=3.0))
    assert found.energy_j == pytest.approx(10.0, rel=0.001)  # two steps of 0.5 s at 20 W
    assert found.between_j == pytest.approx(10.0 - 0.5 * 35.0 / 4.0, rel=0.002)
    together = with_energy(log, alignment, window)
    assert together.energy_j == pytest.approx(0.5 * 35.0 / 4.0, rel=0.001)
    assert together.between_j == 0.0


def test_what_the_edges_of_a_window_may_let_in_is_what_ran_beside_it() -> None:
    """At 20 W from 10 to 12 s, after the other side's block of 60 W and before its own of 50 W; the
    machine idles at 5 W, but nowhere near."""
    times_s = [number / 20 for number in range(600)]
    watts = [20.0 if 10 <= s <= 12 else 60.0 if 8 <= s < 10 else 50.0 for s in times_s]
    alignment = Alignment(0.0, 0.0, 0.0, doubt_s=0.04, correlation=0.9, idle_w=5.0)
    window = Sample(20, 0.1, 0.1, None, started_s=10.0, ended_s=12.0)
    found = window_error(PowerLog(times_s, watts), alignment, window)
    # 40 ms of 40 W more at one end and of 30 W more at the other are 2 J of 40 J (squares
    # are added); 15 W less at both ends, as if it idled there, would be 0.85 J.
    assert found == pytest.approx(0.05)


def test_beside_a_window_at_the_logs_end_the_machine_idles() -> None:
    log = PowerLog([number / 20 for number in range(241)], [20.0] * 241)
    alignment = Alignment(0.0, 0.0, 0.0, doubt_s=0.04, correlation=0.9, idle_w=5.0)
    window = Sample(20, 0.1, 0.1, None, started_s=10.0, ended_s=11.99)
    assert window_error(log, alignment, window) == pytest.approx(0.04 / 1.99 * 15 / 20, rel=0.01)


@pytest.mark.parametrize(
    ("period_s", "expected_s"), [(0.1, 0.5382), (0.05, 0.5191), (0.5, 1.691), (0.2, 0.6764)]
)
def test_slots_are_no_multiple_of_the_meters_period(period_s: float, expected_s: float) -> None:
    assert slot_s(period_s) == pytest.approx(expected_s, abs=1e-4)


def test_energy_of_a_step_is_what_the_meter_says_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "BLOCKS", 2)
    monkeypatch.setattr(schedule, "_FEWEST_WINDOWS", 6)
    log = tmp_path / "power.csv"
    with logger(log):
        result = asyncio.run(measure(request(tmp_path, log), lambda progress: None))
    found = result.side.energy_j
    assert isinstance(found, Quantity)
    assert found.source == "measured"
    assert result.side.meter == "csv"
    (meter,) = result.side.conditions.meters
    assert meter.clock is not None
    assert meter.clock.startswith("+37.5")
    # About half a CPU for 40 ms: (10 W + 15 W / 2) * 0.04 s = 0.7 J.
    truth = truth_j(log, tmp_path / "steps.txt")
    assert found.value == pytest.approx(truth, rel=0.08)
    assert found.low < found.value < found.high
    assert truth > 0.4
    idle = result.side.idle_j
    assert isinstance(idle, Quantity)
    assert idle.source == "apportioned"
    encode(result)  # its parts add up, and its schema holds


def test_a_logger_that_ends_in_mid_run_leaves_what_it_has_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("magneton.engine.external._WAIT_S", 0.0)
    monkeypatch.setattr("magneton.engine.external._SLOT_S", 0.2)
    monkeypatch.setattr("magneton.engine.series._LOG_WINDOW_S", 0.5)
    monkeypatch.setattr(schedule, "BLOCKS", 8)
    monkeypatch.setattr(schedule, "_FEWEST_WINDOWS", 8)
    asked = request(tmp_path, tmp_path / "power.csv")
    enough = tmp_path / "enough"

    def end_the_logger(progress: Progress) -> None:
        if progress.message == "measuring steps, round 6":
            enough.touch()

    with logger(tmp_path / "power.csv", enough):
        result = asyncio.run(measure(asked, end_the_logger))
    found = result.side.energy_j
    assert isinstance(found, Quantity)
    assert found.source == "measured"
    truth = truth_j(tmp_path / "power.csv", tmp_path / "steps.txt")
    assert found.value == pytest.approx(truth, rel=0.15)
    assert any("has no readings there" in each for each in result.side.conditions.warnings)
    encode(result)


def test_a_log_that_nobody_writes_is_refused_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("magneton.engine.external._WAIT_S", 0.0)
    monkeypatch.setattr("magneton.engine.external._SLOT_S", 0.2)
    log = tmp_path / "power.csv"
    log.write_text("timestamp,watts\n" + "".join(f"{n / 10},{n % 7}\n" for n in range(50)))
    seen: list[str] = []
    with pytest.raises(MagnetonError) as raised:
        asyncio.run(measure(request(tmp_path, log), lambda progress: seen.append(progress.message)))
    assert raised.value.fact == f"{log} cannot be aligned with the run"
    assert raised.value.cause == "nothing has been written to it since the run began"
    assert raised.value.remedy.startswith("Start the logger first")
    assert not [message for message in seen if message.startswith("measuring steps, round")]


def test_a_log_too_coarse_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    log = tmp_path / "power.csv"
    log.write_text("0,5\n2,6\n4,7\n")
    with pytest.raises(MagnetonError) as raised:
        asyncio.run(measure(request(tmp_path, log), lambda progress: None))
    assert raised.value.fact == f"{log} has a reading every 2 s, which is too coarse"
