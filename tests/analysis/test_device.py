"""Energy of recorded operators by a device's coefficients."""

from __future__ import annotations

import pytest

from magneton.analysis.device import charged_as, operator_energies_j, uncounted
from magneton_agent.schema.device import Coefficient, DeviceModel
from tests.analysis.work.calls import step, tensor


def coefficient(value: float) -> Coefficient:
    return Coefficient(value, value, value, "a test")


MODEL = DeviceModel(
    names=("board",),
    idle_w=coefficient(100.0),
    active_w=coefficient(50.0),
    busy_w=None,
    operation_pj={"matrix/fp32": coefficient(10.0), "matrix/bf16": coefficient(1.0)},
    byte_pj={"cache": coefficient(5.0), "memory": coefficient(60.0)},
    cache_bytes=1_000,
    error=None,
    origin="a test",
)


def test_time_operations_and_bytes_from_memory() -> None:
    # 1000 x 1000 in bf16: 2e9 operations, 3 * 2 MB that do not fit into the cache.
    values = [tensor(i, (1000, 1000), "bfloat16") for i in range(3)]
    (found,) = operator_energies_j(MODEL, step("mm", values[:2], values[2:]), [1e-4])
    assert found == pytest.approx(150 * 1e-4 + 2e9 * 1e-12 + 6e6 * 60e-12)


def test_bytes_from_the_cache_cost_less() -> None:
    values = [tensor(i, (50,)) for i in range(2)]
    (found,) = operator_energies_j(MODEL, step("neg", values[:1], values[1:]), [0.0])
    assert found == pytest.approx(400 * 5e-12 + 50 * 10e-12)


def test_what_is_no_product_is_charged_like_one_of_plain_precision() -> None:
    assert charged_as("vector/bf16") == "matrix/fp32"
    assert charged_as("vector/int") == "matrix/fp32"
    assert charged_as("vector/fp64") == "matrix/fp64"
    assert charged_as("matrix/tf32") == "matrix/tf32"


def test_operators_without_a_formula_are_named() -> None:
    recording = step("my_kernel", [tensor(0, (4,))], [tensor(1, (4,))])
    assert uncounted(recording) == ("aten::my_kernel",)
    assert operator_energies_j(MODEL, recording, [1.0])[0] == pytest.approx(150 + 32 * 5e-12)
