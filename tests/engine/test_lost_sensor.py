"""A sensor that is lost while a program is measured: the run goes on, and says so.

The windows are those of a recorded session, read by the agent's own code; the error is made up.
"""

from __future__ import annotations

from dataclasses import replace

import pynvml
import pytest

from magneton.analysis.apportioning import busy_cpus, cost_of
from magneton.engine.schedule import Schedule
from magneton_agent.meters.meter import Absence
from magneton_agent.meters.nvml import NvmlMeter
from magneton_agent.schema.messages import Measure, Measured, Time, Timed
from magneton_agent.schema.quantity import Quantity
from tests.agent.meters.sessions import UUID, Playback, rows, stretches
from tests.engine.fake_runners import FakeRunner
from tests.engine.test_schedule import RECORDING, STEADY, STEP, ignore, schedule

pytestmark = pytest.mark.asyncio
WINDOW_S = 1.0


class Session:
    """Windows of the recorded steady product, one after the other; the board is lost in window
    number ``last`` + 1."""

    def __init__(self, last: int) -> None:
        self._played = Playback(rows("steady_linear"))
        self._meter = NvmlMeter(self._played, [UUID], self._played)
        self._start_s = stretches("steady_linear")[1].start_s + 0.3
        self._number, self._last = 0, last

    def measure(self, request: Measure) -> Measured:
        start_s = self._start_s + self._number % 6
        self._number += 1
        self._played.skip_to(start_s)
        if self._number > self._last + 1:  # the first is a step to warm up
            code = pynvml.NVML_ERROR_GPU_IS_LOST
            self._played.refusing["nvmlDeviceGetTotalEnergyConsumption"] = code
            with self._meter.window() as window:
                window._thread.join(5.0)
        else:
            with self._meter.window() as window:
                self._played.run_until(start_s + WINDOW_S)
        reading = window.reading()
        if isinstance(reading, Absence):
            return Measured((STEADY,), (reading.reason,))
        return Measured((replace(STEADY, energy_j=reading.powers[0].power_w * 0.1),), ())


async def sampled(last: int) -> Schedule:
    session = Session(last)
    runner = FakeRunner({Measure: session.measure, Time: lambda each: Timed((STEP,), 0)})
    found = schedule(runner.load(meter="nvml", device="cuda:0", idle_power_w=130.0))
    await found.sample(ignore)
    return found


def energy_j(found: Schedule) -> Quantity:
    series, timing = found.series[0], found.timings[0]
    busy = busy_cpus([(RECORDING, timing)])
    return cost_of(RECORDING, series.side.loaded, series.samples, timing, busy).energy_j


async def test_windows_read_before_the_board_was_lost_count() -> None:
    found = await sampled(last=5)
    energy = energy_j(found)
    assert energy.source == "measured"
    assert energy.value == pytest.approx(70.0, rel=0.05)  # 700 W for 0.1 s
    assert any(
        each.startswith("the board has fallen off the bus") for each in found.series[0].notes()
    )


async def test_too_few_of_them_leave_the_model_with_the_reason() -> None:
    found = await sampled(last=2)
    assert energy_j(found).source == "modelled"
    absent = found.series[0].side.loaded.meter_absent
    assert absent is not None
    assert absent.startswith(
        "the energy of side a was read in 2 of 16 windows: the board has fallen off the bus "
        "(NVML says: GPU is lost):"
    )
    assert sum(each.energy_j is not None for each in found.series[0].samples) == 2
