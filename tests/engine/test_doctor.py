"""Examining interpreters."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from magneton.engine.devices import path_of, shipped, write_model
from magneton.engine.doctor import examine
from magneton_agent.schema import codec
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.examination import Examination, KnownCoefficients
from magneton_agent.schema.meters import MissingMeter

pytestmark = pytest.mark.asyncio


def interpreter(folder: Path, script: str) -> str:
    """An executable that stands in for a Python."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


async def test_this_interpreter() -> None:
    import torch  # its own version is what must be found

    found = await examine(sys.executable)
    assert found.python == sys.executable
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.torch == torch.__version__
    assert found.torch_problem is None
    assert found.cpus >= 1
    told = {each.name for each in found.meters} | {each.name for each in found.missing}
    assert told == {"nvml", "rapl"}


async def test_an_interpreter_without_torch(tmp_path: Path) -> None:
    # -I -S: no site-packages, so no torch.
    found = await examine(interpreter(tmp_path, f'exec {sys.executable} -I -S "$@"'))
    assert found.torch is None
    assert found.torch_problem == "No module named 'torch'"
    assert MissingMeter("nvml", "torch finds no CUDA device") in found.missing


async def test_the_coefficients_of_the_devices_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    board, cpu = "NVIDIA A100-SXM4-80GB", "Example CPU"
    fitted = replace(shipped()[0], names=(cpu,), error=0.05, origin="fitted here")
    write_model(path_of(cpu), fitted)
    seen = Examination("/python", "3.11.9", None, "none", cpu, 4, (board, "Another"), None, (), ())
    answer = json.dumps(codec.to_json(seen))
    found = await examine(interpreter(tmp_path, f"echo '{answer}'"))
    own, published = found.coefficients
    assert own == KnownCoefficients(cpu, str(path_of(cpu)), "fitted here", 0.05)
    assert (published.device, published.path, published.error) == (board, None, None)


async def test_no_such_interpreter(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        await examine(str(tmp_path / "none"))
    assert caught.value.fact == f"the interpreter {tmp_path / 'none'} cannot be started"
    assert caught.value.exit_status == 2


async def test_something_that_is_no_python(tmp_path: Path) -> None:
    with pytest.raises(MagnetonError) as caught:
        await examine(interpreter(tmp_path, "echo I am no Python >&2; exit 1"))
    assert caught.value.fact.endswith("could not be examined")
    assert caught.value.log == ("I am no Python",)
    assert caught.value.exit_status == 3


async def test_one_that_hangs_is_ended(tmp_path: Path) -> None:
    path = interpreter(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(MagnetonError) as caught:
        await examine(path, timeout_s=1.0)
    assert caught.value.exit_status == 4
    child = Path("/proc") / (tmp_path / "child").read_text().strip()
    assert not child.exists() or "(sleep) Z" in (child / "stat").read_text()
