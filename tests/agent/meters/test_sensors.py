"""Which meters a step gets."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest
import torch

from magneton_agent.meters.nvml import NvmlMeter
from magneton_agent.meters.sensors import Sensors, all_boards, boards_in_use, find_sensors
from magneton_agent.meters.ticks import Response
from magneton_agent.schema.meters import DomainPower, MissingMeter

from .sessions import Playback, even
from .test_rapl import zone


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Three GPUs and the bytes that each holds; the second is the current one."""
    held = {0: 0, 1: 512, 2: 1024}
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(held))
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    monkeypatch.setattr(torch.cuda, "memory_reserved", held.__getitem__)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda index: SimpleNamespace(uuid=f"000{index}")
    )
    return held


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch, gpus: dict[int, int]) -> Playback:
    """An idle board that answers, without its own clock."""
    played = Playback(even(30.0))
    monkeypatch.setitem(sys.modules, "pynvml", played)
    monkeypatch.setattr(NvmlMeter, "calibrate", lambda self, load: None)
    return played


@pytest.fixture
def package(tmp_path: Path) -> str:
    zone(tmp_path / "intel-rapl:0", "package-0")
    return str(tmp_path)


def read(found: Sensors) -> list[str]:
    return [domain.name for meter in found.meters for domain in meter.covers]


def test_boards_that_hold_memory_and_the_current_one(gpus: dict[int, int]) -> None:
    assert boards_in_use() == ("GPU-0001", "GPU-0002")
    gpus[1] = 0
    assert boards_in_use() == ("GPU-0001", "GPU-0002")
    assert all_boards() == ("GPU-0000", "GPU-0001", "GPU-0002")


@pytest.mark.usefixtures("board")
def test_a_step_on_gpus_has_their_boards_and_the_host(package: str) -> None:
    found = find_sensors(True, "auto", "", package)
    assert found.name == "nvml+rapl"
    assert read(found) == ["GPU-0001", "GPU-0002", "package-0"]
    assert found.absent is None


@pytest.mark.usefixtures("board")
def test_boards_alone(package: str) -> None:
    assert find_sensors(True, "nvml", "", package).name == "nvml"
    without = find_sensors(True, "auto", "", "/nowhere")
    assert (without.name, without.absent) == ("nvml", None)
    assert [each.name for each in without.missing] == ["rapl"]


def test_a_step_on_the_cpu(package: str) -> None:
    found = find_sensors(False, "auto", "", package)
    assert (found.name, found.absent, read(found)) == ("rapl", None, ["package-0"])
    assert found.idle_power_w == 0.0  # a counter that stands still
    assert find_sensors(False, "rapl", "", package).name == "rapl"


@pytest.mark.usefixtures("board")
def test_what_was_asked_for_is_not_there(package: str) -> None:
    def why(cuda: bool, meter: str, root: str = package) -> str | None:
        found = find_sensors(cuda, meter, "", root)
        assert (found.meters, found.name, found.idle_power_w) == ((), "model", None)
        return found.absent

    assert why(True, "model") == "the model was asked for (--meter model)"
    assert why(True, "rapl") == "the step runs on a GPU, which RAPL does not count"
    assert why(False, "nvml") == "the step runs on the CPU, which NVML does not count"
    told = why(False, "auto", "/nowhere")
    assert told is not None
    assert told.startswith("/nowhere cannot be listed")


def test_without_its_boards_a_steps_host_is_not_read(board: Playback, package: str) -> None:
    board.refusing["nvmlInit"] = pynvml.NVML_ERROR_DRIVER_NOT_LOADED
    found = find_sensors(True, "auto", "", package)
    reason = (
        "the NVIDIA driver is not loaded (NVML says: Driver Not Loaded): load it "
        "(sudo modprobe nvidia)"
    )
    assert found == Sensors(None, None, reason, (MissingMeter("nvml", reason),))


@pytest.mark.usefixtures("board")
def test_boards_that_a_step_comes_to_use_are_read_too(gpus: dict[int, int]) -> None:
    found = find_sensors(True, "nvml", "")
    assert found.nvml is not None
    found.nvml.idle = tuple(DomainPower(domain, 80.0, None) for domain in found.nvml.covers)
    (unsettled,) = found.follow()
    assert unsettled.startswith(
        "how long the board's energy counter takes to settle after a change"
    )
    found.nvml.calibration.response = Response(lag_s=0.0, settling_s=0.0)
    assert found.follow() == ()
    gpus[0] = 2048
    assert found.follow() == (
        "GPU-0000 came into use after idle power was read: its own is unknown",
    )
    assert read(found) == ["GPU-0001", "GPU-0002", "GPU-0000"]


def test_a_board_that_cannot_be_followed_is_told(board: Playback, gpus: dict[int, int]) -> None:
    found = find_sensors(True, "nvml", "")
    gpus[0] = 2048
    board.refusing["nvmlDeviceGetHandleByUUID"] = pynvml.NVML_ERROR_NOT_FOUND
    (told,) = found.follow()
    assert told.startswith("the step uses a further board, whose energy is missing: NVML does not")
    assert read(found) == ["GPU-0001", "GPU-0002"]
