"""One NVIDIA board: its energy counter, and what it tells of its state."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from ..schema.meters import BoardState, Domain
from .clock import Clock
from .cpu import descendants
from .nvml_errors import explained, explained_beside
from .ticks import CounterReading

T = TypeVar("T")
_INSTANT_POWER = 186  # NVML_FI_DEV_POWER_INSTANT: follows the load, where power usage averages
# Bits of nvmlDeviceGetCurrentClocksEventReasons; idleness and clocks that the user set hold
# nothing down that anybody would miss.
_REASONS = {
    0x04: "power cap",
    0x08: "hardware slowdown",
    0x10: "clocks kept in step with another board",
    0x20: "temperature (software)",
    0x40: "temperature (hardware)",
    0x80: "power brake",
}
_SPLIT = (
    "the board is split into instances (MIG), and its counter covers all of them: run on a board "
    "that is not split, or use --meter model"
)


class BoardAbsent(Exception):
    """A board has no usable energy counter; the text says why and what to do."""


class Board:
    """Reads one board by its UUID: CUDA_VISIBLE_DEVICES renumbers torch's devices, not NVML's.

    All below process ``run`` belongs to this run: the other side, and other ranks of both.

    Raises:
        BoardAbsent: NVML does not know it, does not count its energy, or counts that of others.
    """

    def __init__(self, nvml: Any, uuid: str, clock: Clock, run: int) -> None:
        self._nvml, self._clock, self.uuid, self._run = nvml, clock, uuid, run
        self.domain = Domain(uuid, "board")
        try:
            if self._split():
                raise BoardAbsent(_SPLIT)
            self._handle = nvml.nvmlDeviceGetHandleByUUID(uuid)
            self.name = str(nvml.nvmlDeviceGetName(self._handle))
            nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)
        except nvml.NVMLError as error:
            raise BoardAbsent(explained(error)) from error
        self._instant = True
        self._no_instant: str | None = None  # why there is nothing to compare the counter with
        self._instant_mw()
        self._instant = self._no_instant is None

    def read(self) -> CounterReading:
        """Counter and instant power now; the latter is for comparison only, and may be missing.

        Raises:
            BoardAbsent: the driver does not answer any more.
        """
        try:
            start_s = self._clock.now_s()
            energy_mj = int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))
        except self._nvml.NVMLError as error:
            raise BoardAbsent(explained(error)) from error
        end_s = self._clock.now_s()
        return CounterReading(start_s, end_s, energy_mj, self._instant_mw())

    def state(self) -> BoardState:
        """Temperature, clocks, what holds them down, and who else is there, as far as it says."""
        nvml, handle = self._nvml, self._handle
        unknown: list[str] = []

        def told(what: str, ask: Callable[[], T]) -> T | None:
            try:
                return ask()
            except Exception as error:  # noqa: BLE001 nothing beside the counter may end its readings
                unknown.append(f"{what}: {explained_beside(error)}")
                return None

        reasons = told("reasons for held-down clocks", self._reasons)
        listed = [told(what, ask) for what, ask in self._processes().items()]
        others = {pid for each in listed if each is not None for pid in each}
        others_known = os.getpid() in others
        if not others_known:
            # In a container the driver may show the host's process ids, or none at all.
            if None not in listed:
                unknown.append("other processes: this process is not in the driver's list either")
            others = set()
        if self._no_instant is not None:
            unknown.append(f"instant power, which the counter is compared with: {self._no_instant}")
        own = {self._run, os.getpid(), *descendants(self._run)}
        return BoardState(
            uuid=self.uuid,
            name=self.name,
            temperature_c=told(
                "temperature",
                lambda: int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)),
            ),
            sm_mhz=told("SM clock", lambda: self._clock_mhz(nvml.NVML_CLOCK_SM)),
            memory_mhz=told("memory clock", lambda: self._clock_mhz(nvml.NVML_CLOCK_MEM)),
            throttled=tuple(name for bit, name in _REASONS.items() if (reasons or 0) & bit),
            others=tuple(_described(pid) for pid in sorted(others - own)),
            unknown=tuple(unknown),
            others_known=others_known,
        )

    def _asked(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except self._nvml.NVMLError:
            return None

    def _split(self) -> bool:
        """Whether torch's device is only a part of a board, or a board that has parts."""
        nvml = self._nvml
        instance = "MIG-" + self.uuid.removeprefix("GPU-")
        if self._asked(lambda: nvml.nvmlDeviceGetHandleByUUID(instance)) is not None:
            return True
        return bool(
            self._asked(
                lambda: nvml.nvmlDeviceGetMigMode(nvml.nvmlDeviceGetHandleByUUID(self.uuid))[0]
            )
        )

    def _instant_mw(self) -> int | None:
        """None where it is not told: that must not end the readings of the counter. A board that
        never told it is not asked again."""
        nvml = self._nvml
        if not self._instant:
            return None
        try:
            (field,) = nvml.nvmlDeviceGetFieldValues(self._handle, [_INSTANT_POWER])
            failed = nvml.NVMLError(field.nvmlReturn) if field.nvmlReturn else None
        except nvml.NVMLError as error:
            failed = error
        if failed is not None:
            self._no_instant = explained_beside(failed)
            return None
        return int(field.value.uiVal)

    def _clock_mhz(self, kind: int) -> int:
        return int(self._nvml.nvmlDeviceGetClockInfo(self._handle, kind))

    def _reasons(self) -> int:
        return int(self._nvml.nvmlDeviceGetCurrentClocksThrottleReasons(self._handle))

    def _processes(self) -> dict[str, Callable[[], list[int]]]:
        """What asks for the ids of the processes that compute, that draw, and that share the board
        through its multi-process service (MPS)."""
        nvml = self._nvml
        calls = {
            "other processes": nvml.nvmlDeviceGetComputeRunningProcesses,
            "other processes that draw": nvml.nvmlDeviceGetGraphicsRunningProcesses,
            "other processes under MPS": nvml.nvmlDeviceGetMPSComputeRunningProcesses,
        }
        return {
            what: lambda ask=ask: [int(each.pid) for each in ask(self._handle)]  # type: ignore[misc]
            for what, ask in calls.items()
        }


def _described(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return f"{pid} ({file.read().strip()})"
    except OSError:
        return str(pid)
