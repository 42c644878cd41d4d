"""Looks at an interpreter: ``python -c CODE PACKAGE_FOLDER PYNVML_PATH``, one JSON line as answer.

The code of this file is handed to ``-c``. It keeps to syntax and modules that old interpreters
know, because telling that one is too old is part of its work.
"""

import sys

if __name__ == "__main__" and sys.path[:1] == [""]:
    del sys.path[0]  # the working folder: a json.py there is not the one meant below

import json
import os
import platform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magneton_agent.meters.nvml import NvmlMeter
    from magneton_agent.schema.meters import MissingMeter

_OLDEST = (3, 11)


def _torch() -> "dict[str, object]":
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: one of its libraries is missing
        return {"torch": None, "torch_problem": str(error), "cuda": []}
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = [torch.cuda.get_device_name(index) for index in range(count)]
    return {"torch": str(torch.__version__), "torch_problem": None, "cuda": names}


def _meters(cuda: object, carried: str) -> "dict[str, object]":
    if sys.version_info < _OLDEST:
        reason = "the interpreter is too old to look"
        unseen = [{"name": name, "reason": reason} for name in ("nvml", "rapl")]
        return {"driver": None, "meters": [], "missing": unseen}
    from magneton_agent.meters.rapl import rapl_meter
    from magneton_agent.schema.codec import to_json
    from magneton_agent.schema.meters import MissingMeter

    nvml = _nvml(cuda, carried)
    found = [nvml, rapl_meter()]
    return {
        "driver": None if isinstance(nvml, MissingMeter) else nvml.driver,
        "meters": [to_json(each.facts) for each in found if not isinstance(each, MissingMeter)],
        "missing": [to_json(each) for each in found if isinstance(each, MissingMeter)],
    }


def _nvml(cuda: object, carried: str) -> "NvmlMeter | MissingMeter":
    from magneton_agent.schema.meters import MissingMeter

    if not cuda:
        return MissingMeter("nvml", "torch finds no CUDA device")
    from magneton_agent.meters.sensors import all_boards, nvml_meter

    return nvml_meter(carried, all_boards())


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
        }
        found.update(_torch())
        sys.path.append(os.path.dirname(folder))
        found.update(_meters(found["cuda"], carried))
        json.dump(found, answer)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
