"""What NVML's error codes mean for a user, and what can be done."""

from __future__ import annotations

# From nvml.h: the numbers are part of its interface.
_MEANINGS = {
    1: ("NVML lost its connection to the driver", "run again; if it stays, restart the driver"),
    2: ("the driver does not know this board", "use --meter model"),
    3: (
        "this board or driver has no energy counter",
        "use a board of the Volta generation or newer, or --meter model",
    ),
    4: (
        "the driver does not let this user read the energy counter",
        "ask the administrator, or use --meter model",
    ),
    6: (
        "NVML does not see the board that torch uses",
        "pass the board to this container by the same name, or use --meter model",
    ),
    9: ("the NVIDIA driver is not loaded", "load it (sudo modprobe nvidia)"),
    10: (
        "the driver did not answer in time",
        "run again; if it stays, look for other programs that query the board",
    ),
    12: (
        "the library libnvidia-ml.so.1 was not found",
        "install the driver's libraries; in a container set "
        "NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    ),
    13: ("this driver is too old to tell the board's energy", "update the driver"),
    15: (
        "the board has fallen off the bus",
        "look at the kernel's log for Xid messages, and restart the machine",
    ),
    16: (
        "the board has to be reset",
        "reset it (sudo nvidia-smi --gpu-reset) or restart the machine",
    ),
    17: (
        "the operating system blocked the request",
        "look at the limits of this container or cgroup",
    ),
    18: (
        "the driver and its library are of different versions",
        "restart the machine, or load the new driver",
    ),
    999: (
        "the driver reports an error that it does not explain",
        "run nvidia-smi to see whether it works, or use --meter model",
    ),
}


def explained(error: Exception) -> str:
    """An error of pynvml as reason and remedy; ``error.value`` is NVML's number."""
    code = getattr(error, "value", None)
    words = f"NVML says: {error}"
    if code not in _MEANINGS:
        return f"{words}; use --meter model if it stays"
    meaning, remedy = _MEANINGS[code]
    return f"{meaning} ({words}): {remedy}"
