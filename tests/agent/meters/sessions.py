"""Recorded sensor sessions, played by their own clock through what reads real boards.

``h200/`` holds readings of one board under known loads (benchmarks/gpu/sensor_session.py).
:class:`Playback` stands in for the pynvml module and for the clock: a reading is the recorded one
that comes next, and takes as long as it took then. Nothing waits in real time.
"""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pynvml

from magneton_agent.meters.ticks import CounterReading

FOLDER = Path(__file__).parent / "h200"
UUID = "GPU-1234"


@dataclass(frozen=True)
class Row:
    """One recorded reading."""

    start_s: float
    end_s: float
    energy_mj: int
    instant_mw: int


@dataclass(frozen=True)
class Stretch:
    """A load between two marks of a session."""

    load: str
    start_s: float
    end_s: float


def rows(session: str) -> list[Row]:
    with (FOLDER / f"{session}.csv").open(encoding="utf-8") as file:
        return [
            Row(
                int(each["start_us"]) / 1e6,
                int(each["end_us"]) / 1e6,
                int(each["energy_mj"]),
                int(each["instant_mw"]),
            )
            for each in csv.DictReader(file)
        ]


def stretches(session: str) -> list[Stretch]:
    """The loads of a session in order."""
    marks = json.loads((FOLDER / "session.json").read_text("utf-8"))["marks"][session]
    return [
        Stretch(name, start_us / 1e6, end_us / 1e6)
        for (name, start_us, _), (_, end_us, _) in zip(marks[::2], marks[1::2], strict=True)
    ]


def readings(session: str, start_s: float, end_s: float) -> list[CounterReading]:
    """All readings that began in a stretch of time."""
    return [
        CounterReading(row.start_s, row.end_s, row.energy_mj, row.instant_mw)
        for row in rows(session)
        if start_s <= row.start_s < end_s
    ]


class Playback(ModuleType):
    """A pynvml module and a clock in one; ``refusing`` are the calls that fail, and NVML's code."""

    NVMLError = pynvml.NVMLError
    NVML_CLOCK_SM, NVML_CLOCK_MEM = pynvml.NVML_CLOCK_SM, pynvml.NVML_CLOCK_MEM
    NVML_TEMPERATURE_GPU = pynvml.NVML_TEMPERATURE_GPU

    def __init__(self, played: Sequence[Row]) -> None:
        super().__init__("pynvml")
        self._rows = list(played)
        self._now_s = self._until_s = self._rows[0].start_s
        self._instant_mw = 0
        self._reached = threading.Condition()
        self.refusing: dict[str, int] = {}
        self.processes = [os.getpid()]
        self.drawing: list[int] = []
        self.under_mps: list[int] = []
        self.reasons = 0
        self.instant_code = 0
        self.sm_mhz = 1980
        self.split = False

    # The clock. Whoever sleeps lets the readings go on until then, and no further.

    def now_s(self) -> float:
        return self._now_s

    def sleep(self, duration_s: float) -> None:
        self.run_until(self._until_s + duration_s)

    def run_until(self, moment_s: float) -> None:
        """Let the polling thread read until ``moment_s``."""
        with self._reached:
            self._until_s = moment_s
            self._reached.notify_all()
            assert self._reached.wait_for(lambda: self._now_s >= self._until_s, timeout=20.0)

    def skip_to(self, moment_s: float) -> None:
        """Nothing reads until ``moment_s``."""
        self._now_s = self._until_s = moment_s

    def wait(self, stop: threading.Event, duration_s: float) -> bool:
        with self._reached:
            self._now_s += duration_s
            self._reached.notify_all()
            while self._now_s >= self._until_s and not stop.is_set():
                self._reached.wait(0.001)
        return stop.is_set()

    # The module.

    def _answer(self, name: str) -> None:
        if name in self.refusing:
            raise pynvml.NVMLError(self.refusing[name])

    def nvmlInit(self) -> None:  # noqa: N802  # NVML's name, as those below
        self._answer("nvmlInit")

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "580.1"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802
        if uuid.startswith("MIG-") and not self.split:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        self._answer("nvmlDeviceGetHandleByUUID")
        return uuid

    def nvmlDeviceGetName(self, handle: str) -> str:  # noqa: N802
        return "Example Board"

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetTotalEnergyConsumption")
        row = next((row for row in self._rows if row.start_s >= self._now_s), self._rows[-1])
        self._now_s = max(self._now_s, row.end_s)
        self._instant_mw = row.instant_mw
        return row.energy_mj

    def nvmlDeviceGetFieldValues(self, handle: str, fields: list[int]) -> list[SimpleNamespace]:  # noqa: N802
        self._answer("nvmlDeviceGetFieldValues")
        assert fields == [186]
        value = SimpleNamespace(uiVal=self._instant_mw)
        return [SimpleNamespace(nvmlReturn=self.instant_code, value=value)]

    def nvmlDeviceGetMigMode(self, handle: str) -> list[int]:  # noqa: N802
        self._answer("nvmlDeviceGetMigMode")
        return [int(self.split), 0]

    def nvmlDeviceGetClockInfo(self, handle: str, clock: int) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetClockInfo")
        return {self.NVML_CLOCK_SM: self.sm_mhz, self.NVML_CLOCK_MEM: 3201}[clock]

    def nvmlDeviceGetTemperature(self, handle: str, sensor: int) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetTemperature")
        return 43

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: str) -> int:  # noqa: N802
        self._answer("nvmlDeviceGetCurrentClocksThrottleReasons")
        return self.reasons

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle: str) -> int:  # noqa: N802
        return self.nvmlDeviceGetCurrentClocksThrottleReasons(handle)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[SimpleNamespace]:  # noqa: N802
        self._answer("nvmlDeviceGetComputeRunningProcesses")
        return [SimpleNamespace(pid=pid) for pid in self.processes]

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: str) -> list[SimpleNamespace]:  # noqa: N802
        self._answer("nvmlDeviceGetGraphicsRunningProcesses")
        return [SimpleNamespace(pid=pid) for pid in self.drawing]

    def nvmlDeviceGetMPSComputeRunningProcesses(self, handle: str) -> list[SimpleNamespace]:  # noqa: N802
        self._answer("nvmlDeviceGetMPSComputeRunningProcesses")
        return [SimpleNamespace(pid=pid) for pid in self.under_mps]


def even(*ticks_j: float, period_s: float = 0.1, poll_s: float = 0.01) -> list[Row]:
    """Made-up readings every ``poll_s``: a counter from 5 J on that moves at the end of every
    period by one of ``ticks_j``."""
    found = []
    polls = round(period_s / poll_s)
    for number in range(polls * (len(ticks_j) + 1)):
        energy_j = 5.0 + sum(ticks_j[: number // polls])
        start_s = number * poll_s
        found.append(Row(start_s, start_s + 0.002, round(energy_j * 1000), 300_000))
    return found
