"""Models of devices: shipped, written, read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from magneton.engine.devices import (
    device_model,
    path_of,
    shipped,
    user_folder,
    with_cpu_power,
    write_model,
)
from magneton_agent.schema.device import Coefficient, DeviceModel
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import CpuPower
from tests.analysis.steps import loaded


@pytest.mark.parametrize(
    ("board", "bf16_pj"),
    [
        ("NVIDIA H200", 0.4124),  # fitted
        ("NVIDIA H100 80GB HBM3", 0.606),  # (700 W - 100 W) / 989.4 TFLOP/s
        ("NVIDIA A100-SXM4-80GB", 1.09),  # (400 W - 60 W) / 312 TFLOP/s
    ],
)
def test_shipped_models_are_found_by_how_a_boards_name_begins(
    board: str, bf16_pj: float, tmp_path: Path
) -> None:
    model = device_model(board, tmp_path)
    assert model is not None
    assert model.operation_pj["matrix/bf16"].value == bf16_pj


def test_there_is_none_for_a_board_that_nobody_described(tmp_path: Path) -> None:
    assert device_model("Acme 1", tmp_path) is None


def test_every_shipped_number_says_where_it_is_from_and_how_far_it_may_be_off() -> None:
    for model in shipped():
        numbers = [model.idle_w, *model.operation_pj.values(), *model.byte_pj.values()]
        assert all(each.origin and each.low <= each.value < each.high for each in numbers)
        assert ("not validated" in model.origin) == (model.error is None)


def test_what_was_fitted_here_comes_before_what_is_shipped(tmp_path: Path) -> None:
    model = replace(shipped()[0], origin="fitted here")
    write_model(path_of("NVIDIA H200", tmp_path), model)
    assert (tmp_path / "nvidia-h200.json").is_file()
    assert device_model("NVIDIA H200", tmp_path) == model


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path_of("Acme 1", tmp_path).write_text("{}")
    with pytest.raises(MagnetonError) as raised:
        device_model("Acme 1", tmp_path)
    assert "acme-1.json cannot be read" in raised.value.fact


def test_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert user_folder() == Path("/data/magneton/devices")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert user_folder() == Path("/home/me/.local/share/magneton/devices")


def test_a_cpu_that_was_calibrated_is_modelled_by_its_own_coefficients(tmp_path: Path) -> None:
    side = loaded(cpu="A CPU", meter="model")
    assert with_cpu_power(side, tmp_path) == side
    idle, busy = (Coefficient(value, value, value, "a test") for value in (20.0, 5.0))
    fitted = DeviceModel(("A CPU",), idle, None, busy, {}, {}, 0, 0.07, "fitted by a test")
    write_model(path_of("A CPU", tmp_path), fitted)
    found = with_cpu_power(side, tmp_path)
    assert found.cpu_power == CpuPower(20.0, 5.0)
    assert found.warnings == (
        "CPU energy is modelled by coefficients of this machine (fitted by a test), which may be "
        "off by 7 %",
    )
    sensed = replace(side, meter="rapl")
    assert with_cpu_power(sensed, tmp_path) == sensed
