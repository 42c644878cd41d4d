"""Records what one board's sensors say under known loads, for replaying where there is no GPU.

``python benchmarks/gpu/sensor_session.py`` writes, to ``$OUT`` or here, one CSV file a load
(every reading of the sensors as it came) and ``session.json`` (the board, how long calls take,
which of NVML's answers were errors). Readings are never closer than 5 ms: faster polling has made
a counter fall short.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pynvml
import torch
import torch.nn.functional as F  # noqa: N812

POLL_S = 0.005
NVML_FI_DEV_POWER_INSTANT = 186
COLUMNS = "start_us,end_us,energy_mj,instant_mw,average_mw"
Work = Callable[[], object]


class Recorder:
    """Readings of one load: when the counter's call began and ended, and what each sensor said."""

    def __init__(self, handle: Any) -> None:
        self._handle, self._stop = handle, threading.Event()
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.marks: list[tuple[str, int, int]] = []
        self._started = time.perf_counter_ns()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def now_us(self) -> int:
        return (time.perf_counter_ns() - self._started) // 1000

    def mark(self, name: str, count: int) -> None:
        """Note that ``name`` happens now; ``count`` launches were done since the last mark."""
        self.marks.append((name, self.now_us(), count))

    def _poll(self) -> None:
        while not self._stop.wait(POLL_S):
            start = self.now_us()
            energy = pynvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)
            end = self.now_us()
            fields = pynvml.nvmlDeviceGetFieldValues(self._handle, [NVML_FI_DEV_POWER_INSTANT])
            instant = fields[0].value.uiVal
            average = pynvml.nvmlDeviceGetPowerUsage(self._handle)
            self.rows.append((start, end, energy, instant, average))


def busy(recorder: Recorder, name: str, work: Work, window_s: float) -> None:
    """Keep the queue full of ``work`` for ``window_s``."""
    work()
    torch.cuda.synchronize()
    recorder.mark(name, 0)
    queued: list[torch.cuda.Event] = []
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < window_s:
        for _ in range(50):
            work()
        done += 50
        queued.append(torch.cuda.Event())
        queued[-1].record()
        if len(queued) > 4:
            queued.pop(0).synchronize()  # the queue stays full, and not for minutes
    torch.cuda.synchronize()
    recorder.mark("end", done)


def idle(recorder: Recorder, window_s: float) -> None:
    recorder.mark("idle", 0)
    time.sleep(window_s)
    recorder.mark("end", 0)


def works() -> dict[str, Work]:
    half: dict[str, Any] = {"device": "cuda", "dtype": torch.bfloat16}
    x, w = torch.randn(8192, 2048, **half), torch.randn(2048, 2048, **half)
    big = torch.randn(8, 1024, 3072, **half)
    image = torch.randn(32, 64, 64, 256, device="cuda")
    scale = torch.ones(256, device="cuda")
    square = torch.randn(4096, 4096, device="cuda")
    return {
        "linear": lambda: F.linear(x, w),
        "gelu": lambda: F.gelu(big, approximate="tanh"),
        "layer_norm": lambda: F.layer_norm(image, (256,), scale, scale),
        "add": lambda: torch.add(big, big),
        "contiguous": lambda: image.permute(0, 3, 1, 2).contiguous(),
        "matmul_fp32": lambda: square @ square,
    }


def latencies_us(call: Work, calls: int = 60) -> list[int]:
    found = []
    for _ in range(calls):
        start = time.perf_counter_ns()
        call()
        found.append((time.perf_counter_ns() - start) // 1000)
        time.sleep(POLL_S)
    return found


def answers(handle: Any) -> dict[str, str]:
    """What each question is answered with, or which error."""
    n = pynvml
    questions: dict[str, Work] = {
        "name": lambda: n.nvmlDeviceGetName(handle),
        "driver": n.nvmlSystemGetDriverVersion,
        "compute_processes": lambda: [
            (p.pid, p.usedGpuMemory) for p in n.nvmlDeviceGetComputeRunningProcesses_v3(handle)
        ],
        "throttle": lambda: n.nvmlDeviceGetCurrentClocksEventReasons(handle),
        "temperature": lambda: n.nvmlDeviceGetTemperature(handle, n.NVML_TEMPERATURE_GPU),
        "power_limit": lambda: n.nvmlDeviceGetEnforcedPowerLimit(handle),
        "sm_mhz": lambda: n.nvmlDeviceGetClockInfo(handle, n.NVML_CLOCK_SM),
        "memory_mhz": lambda: n.nvmlDeviceGetClockInfo(handle, n.NVML_CLOCK_MEM),
        "most_sm_mhz": lambda: n.nvmlDeviceGetMaxClockInfo(handle, n.NVML_CLOCK_SM),
        "mig": lambda: n.nvmlDeviceGetMigMode(handle),
        "utilisation": lambda: n.nvmlDeviceGetUtilizationRates(handle).gpu,
        "process_utilisation": lambda: [
            (p.pid, p.smUtil) for p in n.nvmlDeviceGetProcessUtilization(handle, 0)
        ],
        "persistence": lambda: n.nvmlDeviceGetPersistenceMode(handle),
        "samples": lambda: n.nvmlDeviceGetSamples(handle, n.NVML_TOTAL_POWER_SAMPLES, 0)[0],
        "own_pid": os.getpid,
    }
    found = {}
    for name, ask in questions.items():
        try:
            found[name] = repr(ask())
        except n.NVMLError as error:
            found[name] = f"error {error.value}: {error}"
    return found


def main() -> None:
    folder = Path(os.environ.get("OUT", "."))
    pynvml.nvmlInit()
    properties = torch.cuda.get_device_properties(0)
    handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{properties.uuid}")
    energy = latencies_us(lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(handle))
    with Recorder(handle) as before:
        idle(before, 2.0)
    loads = works()
    torch.cuda.synchronize()
    sessions = {"without_context": before}
    with Recorder(handle) as sessions["idle"]:
        idle(sessions["idle"], 6.0)
    with Recorder(handle) as recorder:
        for _ in range(3):
            idle(recorder, 1.5)
            busy(recorder, "linear", loads["linear"], 1.5)
    sessions["steps"] = recorder
    with Recorder(handle) as recorder:
        for name in ("contiguous", "add", "gelu", "layer_norm", "linear", "matmul_fp32"):
            busy(recorder, name, loads[name], 1.5)
    sessions["ramp"] = recorder
    for name in ("linear", "gelu", "layer_norm"):
        with Recorder(handle) as recorder:
            idle(recorder, 1.0)
            busy(recorder, name, loads[name], 8.0)
        sessions[f"steady_{name}"] = recorder
    with Recorder(handle) as recorder:
        for window_s in (0.05, 0.1, 0.2, 0.5, 1.0):
            idle(recorder, 0.7)
            busy(recorder, "linear", loads["linear"], window_s)
        idle(recorder, 1.5)
    sessions["pulses"] = recorder
    described: dict[str, object] = {
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "energy_call_us": energy,
        "answers": answers(handle),
        "marks": {name: each.marks for name, each in sessions.items()},
    }
    (folder / "session.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
    for name, each in sessions.items():
        rows = "\n".join(",".join(map(str, row)) for row in each.rows)
        (folder / f"{name}.csv").write_text(f"{COLUMNS}\n{rows}\n", encoding="utf-8")
        print(name, len(each.rows), each.marks, flush=True)
    print(json.dumps(described["answers"], indent=1))


if __name__ == "__main__":
    main()
