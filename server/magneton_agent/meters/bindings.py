"""The Python module that speaks to NVML: the user's, or the one that is carried along."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType

from .nvml_errors import NvmlAbsent

# All that is called of it. The last is not: it came with 12.535, and modules from well before that
# take no text for a UUID or lack what is called, each in its own way.
_NEEDED = (
    *("NVMLError", "NVML_CLOCK_MEM", "NVML_CLOCK_SM", "NVML_TEMPERATURE_GPU", "nvmlInit"),
    *("nvmlSystemGetDriverVersion", "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetName"),
    *("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues", "nvmlDeviceGetMigMode"),
    *("nvmlDeviceGetClockInfo", "nvmlDeviceGetTemperature"),
    *("nvmlDeviceGetCurrentClocksThrottleReasons", "nvmlDeviceGetComputeRunningProcesses"),
    *("nvmlDeviceGetGraphicsRunningProcesses", "nvmlDeviceGetMPSComputeRunningProcesses"),
    "nvmlDeviceGetCurrentClocksEventReasons",
)


def load_pynvml(carried: str) -> ModuleType:
    """The user's pynvml where it is recent enough, else the one carried beside the agent at path
    ``carried``.

    Raises:
        NvmlAbsent: neither is there, or can be used.
    """
    own = _own()
    if own is not None and _usable(own):
        return own
    found = _carried(carried) if os.path.isfile(carried) else None
    if found is not None and _usable(found):
        return found
    old = found or own
    if old is None:
        raise NvmlAbsent("pynvml is not installed: pip install nvidia-ml-py")
    raise NvmlAbsent(
        f"the installed pynvml ({getattr(old, '__file__', old.__name__)}) is too old: "
        "pip install --upgrade nvidia-ml-py"
    )


def _usable(module: ModuleType) -> bool:
    return all(hasattr(module, name) for name in _NEEDED)


def _own() -> ModuleType | None:
    try:
        return importlib.import_module("pynvml")
    except (ImportError, SyntaxError):  # the oldest are written in Python 2
        return None


def _carried(path: str) -> ModuleType:
    # Under a name of our own: the program must not find a module that it does not have.
    spec = importlib.util.spec_from_file_location("magneton_agent.pynvml", path)
    if spec is None or spec.loader is None:
        raise NvmlAbsent(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # it looks itself up there
    spec.loader.exec_module(module)
    return module
