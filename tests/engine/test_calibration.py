"""Calibrating a device, by a runner that answers as a board of known coefficients would."""

from __future__ import annotations

import asyncio
import sys

import pytest

from magneton.engine.calibration import CalibrateRequest, calibrate, calibrated
from magneton_agent.schema.errors import MagnetonError
from magneton_agent.schema.messages import Exercise, Measured, Sample
from tests.engine.fake_runners import FakeRunner

PJ = {"float32": 7.0, "tf32": 1.2, "bfloat16": 0.7, "float16": 0.6, "float64": 9.0}
OPERATIONS = {"add": 1, "copy": 0, "transpose": 0, "softmax": 5}  # an element
SIZES = {"float32": 4, "float64": 8, "bfloat16": 2, "float16": 2}


def board(exercise: Exercise) -> Measured:
    """120 W idle, 60 W more when active; 50 pJ a byte of memory, 8 pJ one of the cache."""
    calls = exercise.calls
    if exercise.kind == "idle":
        return Measured((Sample(9, 0.01, 0.0, 1.2),), ())
    product = exercise.kind == "product"
    elements = exercise.size if exercise.kind in ("add", "copy") else exercise.size**2
    moved = elements * SIZES[exercise.dtype] * (3 if exercise.kind in ("product", "add") else 2)
    dtype = "tf32" if exercise.tf32 else exercise.dtype
    operations = 2 * exercise.size**3 if product else OPERATIONS[exercise.kind] * elements
    energy_pj = operations * PJ[dtype if product else "float32"]
    energy_pj += moved * (8.0 if moved <= 50 << 20 else 50.0)
    duration_s = 1e-5 + operations / 100e12 + moved / 4e12
    energy_j = 180.0 * duration_s + energy_pj * 1e-12
    return Measured((Sample(100, calls * duration_s, 0.0, calls * energy_j),), ())


def test_a_boards_coefficients_are_recovered() -> None:
    side = FakeRunner({Exercise: board}).load(gpu="Test Board 9", meter="nvml")
    seen: list[str] = []
    model = asyncio.run(calibrated(side, lambda progress: seen.append(progress.message)))
    assert model.names == ("Test Board 9",)
    assert model.idle_w.value == pytest.approx(120.0, rel=1e-3)
    assert model.active_w is not None
    assert model.active_w.value == pytest.approx(60.0, rel=0.05)
    found = {name: round(each.value, 1) for name, each in model.operation_pj.items()}
    assert found == {
        "matrix/bf16": 0.7,
        "matrix/fp16": 0.6,
        "matrix/fp32": 7.0,
        "matrix/fp64": 9.0,
        "matrix/tf32": 1.2,
    }
    assert model.byte_pj["memory"].value == pytest.approx(50.0, rel=0.02)
    assert model.byte_pj["cache"].value == pytest.approx(8.0, rel=0.1)
    assert model.error is not None
    assert model.error < 0.01
    assert seen[0] == "running idle"
    assert "running product bf16 8192²" in seen
    assert "running transpose fp32 2048²" in seen
    assert "running copy fp32 12 MiB" in seen


def test_every_kernel_is_warmed_up_first() -> None:
    side = FakeRunner({Exercise: board}).load(gpu="Test Board 9", meter="nvml")
    asyncio.run(calibrated(side, lambda progress: None))
    windows = [each.window_s for each in side.asked if isinstance(each, Exercise)]
    assert windows == [0.7, 1.5] * 30


def test_a_cpu_is_fitted_by_time_and_cpu_time() -> None:
    def processor(exercise: Exercise) -> Measured:
        busy = 0 if exercise.kind == "idle" else exercise.threads
        return Measured((Sample(9, 2.0, 2.0 * busy, 2.0 * (30.0 + 11.0 * busy)),), ())

    side = FakeRunner({Exercise: processor}).load(cpu="A CPU", threads=4, meter="rapl")
    model = asyncio.run(calibrated(side, lambda progress: None))
    assert model.names == ("A CPU",)
    assert model.busy_w is not None
    assert (model.idle_w.value, model.busy_w.value) == pytest.approx((30.0, 11.0))


def test_a_window_without_a_reading_ends_it_with_the_reason() -> None:
    def silent(exercise: Exercise) -> Measured:
        return Measured((Sample(1, 1.0, 1.0, None),), ("the counter stood still",))

    side = FakeRunner({Exercise: silent}).load(gpu="Test Board 9", meter="nvml")
    with pytest.raises(MagnetonError) as raised:
        asyncio.run(calibrated(side, lambda progress: None))
    assert raised.value.fact == "the energy of idle could not be read"
    assert raised.value.cause == "the counter stood still"


def test_without_a_sensor_nothing_is_calibrated() -> None:
    request = CalibrateRequest("cpu", sys.executable, "model")
    with pytest.raises(MagnetonError) as raised:
        asyncio.run(calibrate(request, lambda progress: None))
    assert raised.value.exit_status == 3
    assert "cannot be calibrated: no sensor measures its energy here" in raised.value.fact
