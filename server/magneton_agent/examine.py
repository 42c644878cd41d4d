"""Looks at an interpreter: ``python -c CODE PACKAGE_FOLDER PYNVML_PATH``, one JSON line as answer.

The code of this file is handed to ``-c``. It keeps to syntax and modules that old interpreters
know, because telling that one is too old is part of its work.
"""

import sys

if __name__ == "__main__" and sys.path[:1] == [""]:
    del sys.path[0]  # the working folder: a json.py there is not the one meant below

import glob
import json
import os
import platform


def _torch() -> "dict[str, object]":
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: one of its libraries is missing
        return {"torch": None, "torch_problem": str(error), "cuda": []}
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = [torch.cuda.get_device_name(index) for index in range(count)]
    return {"torch": str(torch.__version__), "torch_problem": None, "cuda": names}


def _nvml(cuda: object, carried: str) -> "dict[str, object]":
    if not cuda:
        return {"nvml": None, "nvml_problem": "torch finds no CUDA device"}
    import torch

    from magneton_agent.meters.nvml import NvmlAbsent, NvmlMeter

    try:
        board = NvmlMeter(torch.device("cuda:0"), carried).board()
    except NvmlAbsent as error:
        return {"nvml": None, "nvml_problem": str(error)}
    return {"nvml": board.name + ", driver " + board.driver, "nvml_problem": None}


def _rapl() -> str:
    counters = glob.glob("/sys/class/powercap/*/energy_uj")
    if not counters:
        return "absent"
    return "readable" if all(os.access(path, os.R_OK) for path in counters) else "unreadable"


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _main(folder: str, carried: str) -> None:
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)  # importing torch and its plug-ins may print
        found = {
            "python": sys.executable,
            "version": platform.python_version(),
            "cpu": _cpu(),
            "cpus": _cpus(),
            "rapl": _rapl(),
        }
        found.update(_torch())
        sys.path.append(os.path.dirname(folder))
        found.update(_nvml(found["cuda"], carried))
        json.dump(found, answer)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
