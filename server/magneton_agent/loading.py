"""Describes the worker after loading: interpreter, device, sensors, parameters."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Sequence

import torch

from .meters.cpu import usable_cpus
from .meters.sensors import Sensors
from .packages import imported_packages
from .reach import reachable_tensors
from .schema.messages import Loaded, NamedSketch
from .schema.meters import BoardState
from .settings import settings_in_force
from .sketch import Sketcher
from .step import Step
from .timing import mode_overhead_s

_AGENT = os.path.dirname(os.path.abspath(__file__)) + os.sep


def uses_cuda(device: str) -> bool:
    """Whether the program has taken a GPU, unless the user said ``cpu``."""
    return device != "cpu" and torch.cuda.is_available() and torch.cuda.is_initialized()


def unmet_device(device: str, cuda: bool) -> tuple[str, ...]:
    """What to say where the user named a GPU that the program, by now loaded, does not use."""
    if cuda or not device.startswith("cuda"):
        return ()
    why = "it has taken no GPU" if torch.cuda.is_available() else "torch finds no GPU"
    return (
        f"{device} was asked for, but the program runs on the CPU ({why}): the figures are the "
        "CPU's; the program chooses its device itself",
    )


def describe(
    step: Step, workspace: str, cuda: bool, sensors: Sensors, warnings: tuple[str, ...]
) -> Loaded:
    """All that the engine needs to know of this worker, whose step is ``step``."""
    boards = sensors.nvml.states() if sensors.nvml is not None else ()
    held = reachable_tensors(step)
    return Loaded(
        python=platform.python_version(),
        torch=torch.__version__,
        device=str(_device()) if cuda else "cpu",
        cpu=_cpu_name(),
        gpu=torch.cuda.get_device_name() if cuda else None,
        driver=sensors.nvml.driver if sensors.nvml is not None else None,
        clocks=_clocks(boards),
        threads=torch.get_num_threads(),
        cpus=usable_cpus(),
        packages=imported_packages(),
        settings=settings_in_force(),
        meter=sensors.name,
        meter_absent=sensors.absent,
        idle_power_w=sensors.idle_power_w,
        mode_overhead_s=mode_overhead_s(),
        files=_workspace_files(workspace),
        parameters=_parameters(held),
        warnings=warnings,
        meters=sensors.facts,
        missing=sensors.missing,
        boards=boards,
    )


def _clocks(boards: Sequence[BoardState]) -> str | None:
    """Those of the first board."""
    if not boards or boards[0].sm_mhz is None:
        return None
    return f"SM {boards[0].sm_mhz} MHz, memory {boards[0].memory_mhz} MHz"


def _device() -> torch.device:
    return torch.device("cuda", torch.cuda.current_device())


def _parameters(held: dict[str, torch.Tensor]) -> tuple[NamedSketch, ...]:
    sketcher = Sketcher()
    found = []
    for name, tensor in held.items():
        if (sketch := sketcher.sketch(tensor)) is not None:
            found.append(NamedSketch(name, tuple(tensor.shape), sketch))
    return tuple(found)


def _workspace_files(workspace: str) -> dict[str, str]:
    """SHA-256 of every imported source file below the workspace, by path relative to it."""
    found = {}
    prefix = workspace.rstrip(os.sep) + os.sep
    environment = os.path.abspath(sys.prefix) + os.sep
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str):
            continue
        path = os.path.abspath(path)
        if not path.startswith(prefix) or path.startswith((environment, _AGENT)):
            continue
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found[path.removeprefix(prefix)] = hashlib.sha256(file.read()).hexdigest()
    return found


def _cpu_name() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        return platform.processor() or platform.machine()
    return platform.machine()
