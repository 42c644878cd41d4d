"""The energy counter of one NVIDIA board, read at its own ticks from a second thread.

The counter steps about every 100 ms and a call takes milliseconds: a reading inside the measured
queue would leave the board idle, and a difference over a short window is mostly rounding.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import threading
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch

from ..schema.meters import Domain, DomainPower
from .meter import Absence, Reading

POLL_S = 0.010  # faster polling has made a board's counter fall short


class NvmlAbsent(Exception):
    """There is no usable energy counter; the text says why."""


@dataclass(frozen=True)
class Board:
    """What identifies and describes the measured board."""

    name: str
    driver: str
    clocks: str | None


def load_pynvml(carried: str) -> ModuleType:
    """The user's pynvml, else the one carried beside the agent at path ``carried``.

    Raises:
        NvmlAbsent: neither is there.
    """
    try:
        return importlib.import_module("pynvml")
    except ImportError as error:
        if not os.path.isfile(carried):
            raise NvmlAbsent("pynvml is not installed: pip install nvidia-ml-py") from error
    # Under a name of our own: the program must not find a module that it does not have.
    spec = importlib.util.spec_from_file_location("magneton_agent.pynvml", carried)
    if spec is None or spec.loader is None:
        raise NvmlAbsent(f"{carried} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # it looks itself up there
    spec.loader.exec_module(module)
    return module


class NvmlMeter:
    """Reads one board's total energy counter.

    Raises:
        NvmlAbsent: the driver, the board or its counter does not answer.
    """

    name = "nvml"
    period_s: float | None = None
    error: float | None = None

    def __init__(self, device: torch.device, carried: str) -> None:
        self._nvml: Any = load_pynvml(carried)
        try:
            self._nvml.nvmlInit()
            # By UUID: CUDA_VISIBLE_DEVICES renumbers torch's devices, not NVML's.
            uuid = f"GPU-{torch.cuda.get_device_properties(device).uuid}"
            self._handle = self._nvml.nvmlDeviceGetHandleByUUID(uuid)
            self.covers = (Domain(uuid, "board"),)
            self.energy_mj()
        except self._nvml.NVMLError as error:
            raise NvmlAbsent(f"NVML says: {error}") from error

    def energy_mj(self) -> int:
        """Millijoules since the driver was loaded."""
        return int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))

    def window(self) -> TickWindow:
        """A window of this board's counter."""
        return TickWindow(self)

    def board(self) -> Board:
        nvml = self._nvml
        return Board(
            name=str(nvml.nvmlDeviceGetName(self._handle)),
            driver=str(nvml.nvmlSystemGetDriverVersion()),
            clocks=self._clocks(),
        )

    def _clocks(self) -> str | None:
        nvml = self._nvml
        try:
            sm = nvml.nvmlDeviceGetClockInfo(self._handle, nvml.NVML_CLOCK_SM)
            memory = nvml.nvmlDeviceGetClockInfo(self._handle, nvml.NVML_CLOCK_MEM)
        except nvml.NVMLError:
            return None  # a virtual board may not tell
        return f"SM {sm} MHz, memory {memory} MHz"

    def idle_power_w(self, window_s: float = 0.6) -> float | None:
        """Mean power over ``window_s`` in which nothing is submitted, None without two ticks."""
        with TickWindow(self) as window:
            time.sleep(window_s)
        return window.mean_power_w()


class TickWindow:
    """Counter ticks seen while entered, as (time in s, energy in mJ)."""

    def __init__(self, meter: NvmlMeter) -> None:
        self._meter = meter
        self._ticks: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="magneton-nvml", daemon=True)

    def __enter__(self) -> TickWindow:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def mean_power_w(self) -> float | None:
        """Mean power between the first and the last whole tick, None with fewer than two.

        The first change seen ends a tick that began before the window: it is where counting
        starts, not a tick of its own.
        """
        if len(self._ticks) < 3:
            return None
        (start_s, start_mj), (end_s, end_mj) = self._ticks[0], self._ticks[-1]
        return (end_mj - start_mj) / 1000 / (end_s - start_s)

    def reading(self) -> Reading | Absence:
        """The board's mean power over whole ticks, or that there were too few."""
        power_w = self.mean_power_w()
        if power_w is None:
            return Absence("a window was too short for two ticks of the energy counter")
        duration_s = self._ticks[-1][0] - self._ticks[0][0]
        return Reading((DomainPower(self._meter.covers[0], power_w, None),), duration_s)

    def _poll(self) -> None:
        last = self._meter.energy_mj()
        while not self._stop.wait(POLL_S):
            now_mj = self._meter.energy_mj()
            if now_mj != last:
                self._ticks.append((time.perf_counter(), now_mj))
                last = now_mj
