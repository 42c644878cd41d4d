"""What NVML's error codes mean for a user, and what can be done."""

from __future__ import annotations


class NvmlAbsent(Exception):
    """There is no usable energy counter; the text says why."""


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
    5: (
        "NVML has been started already, which this version does not allow twice",
        "pip install --upgrade nvidia-ml-py, and update the driver",
    ),
    6: (
        "NVML does not see the board that torch uses",
        "pass the board to this container by the same name, or use --meter model",
    ),
    7: (
        "NVML has more to tell than pynvml has room for",
        "pip install --upgrade nvidia-ml-py",
    ),
    8: (
        "the board's power cables are not connected properly",
        "connect them, and restart the machine",
    ),
    9: ("the NVIDIA driver is not loaded", "load it (sudo modprobe nvidia)"),
    10: (
        "the driver did not answer in time",
        "run again; if it stays, look for other programs that query the board",
    ),
    11: (
        "the driver has a problem with the board's interrupts",
        "look at the kernel's log for Xid messages, and restart the machine",
    ),
    12: (
        "the library libnvidia-ml.so.1 was not found",
        "install the driver's libraries; in a container set "
        "NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    ),
    13: ("this driver is too old to tell the board's energy", "update the driver"),
    14: (
        "the board's own description (infoROM) is damaged",
        "use --meter model; if nvidia-smi warns of it too, the board has to be repaired",
    ),
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
    19: (
        "another program has the board to itself at present",
        "run again when it has ended; nvidia-smi lists what runs there",
    ),
    20: ("the driver ran out of memory", "end other programs, and run again"),
    21: (
        "the board has no reading yet",
        "run again; if it stays, use --meter model",
    ),
    22: (
        "this virtual GPU does not tell while error correction (ECC) is on",
        "use --meter model, or ask the administrator",
    ),
    23: ("the driver ran out of resources", "end other programs that query the board"),
    24: (
        "the board does not know the clock that was asked for",
        "update the driver, or use --meter model",
    ),
    25: (
        "pynvml and the driver are of different versions",
        "pip install --upgrade nvidia-ml-py, or update the driver",
    ),
    26: (
        "this driver no longer has what was asked for",
        "pip install --upgrade nvidia-ml-py",
    ),
    27: (
        "the driver is not ready yet",
        "wait until nvidia-smi answers, and run again",
    ),
    28: (
        "NVML finds no GPU",
        "look whether nvidia-smi lists it, and pass the board to this container",
    ),
    29: (
        "the board is in a state in which it does not answer",
        "run again; if it stays, restart the machine",
    ),
    30: (
        "the board has to be reset in another way",
        "restart the machine",
    ),
    999: (
        "the driver reports an error that it does not explain",
        "run nvidia-smi to see whether it works, or use --meter model",
    ),
}


# What stands in the place of the above where not the counter is asked for, but what goes beside it.
_BESIDE = {
    2: ("the driver does not know this board", "update the driver"),
    3: ("this board or driver does not tell it", "a newer driver may"),
    4: ("the driver does not let this user read it", "ask the administrator"),
    6: (
        "NVML does not see the board that torch uses",
        "pass the board to this container by the same name",
    ),
    13: ("this driver is too old to tell it", "update the driver"),
    14: (
        "the board's own description (infoROM) is damaged",
        "if nvidia-smi warns of it too, the board has to be repaired",
    ),
    21: ("the board has no reading of it yet", "run again"),
    22: (
        "this virtual GPU does not tell it while error correction (ECC) is on",
        "ask the administrator",
    ),
    24: ("the board does not know the clock that was asked for", "update the driver"),
    999: (
        "the driver reports an error that it does not explain",
        "run nvidia-smi to see whether it works",
    ),
}


def explained(error: Exception) -> str:
    """An error of pynvml as reason and remedy; ``error.value`` is NVML's number."""
    return _told(error, _MEANINGS, "; use --meter model if it stays")


def explained_beside(error: Exception) -> str:
    """The same of a question beside the counter, which goes on without an answer to it."""
    return _told(error, {**_MEANINGS, **_BESIDE}, "")


def _told(error: Exception, meanings: dict[int, tuple[str, str]], unknown: str) -> str:
    code = getattr(error, "value", None)
    words = f"NVML says: {error}"
    if code not in meanings:
        return f"{words}{unknown}"
    meaning, remedy = meanings[code]
    return f"{meaning} ({words}): {remedy}"
