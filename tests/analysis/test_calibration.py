"""Fitting a device's coefficients to kernels."""

from __future__ import annotations

import pytest

from magneton.analysis.calibration import Kernel, errors, fitted, largest_usual_error
from magneton_agent.schema.device import Trial


def kernel(name: str, energy_j: float, duration_s: float, **features: float) -> Kernel:
    return Kernel(name, {"idle": duration_s, **features}, duration_s, energy_j)


KERNELS = [
    kernel("idle", 100.0, 1.0),  # 100 W
    kernel("busy", 150.0, 1.0, active=1.0),  # 50 W on top
    kernel("copy", 170.0, 1.0, active=1.0, memory=1e12),  # 20 pJ a byte
    kernel("longer copy", 340.0, 2.0, active=2.0, memory=2e12),
    kernel("product", 153.0, 1.0, active=1.0, **{"matrix/bf16": 5e12}),  # 0.6 pJ an operation
]


def test_coefficients_that_made_the_energies_are_found() -> None:
    model = fitted(("board",), KERNELS, 1000, "a test")
    assert model.idle_w.value == pytest.approx(100.0)
    assert model.active_w is not None
    assert model.active_w.value == pytest.approx(50.0)
    assert model.byte_pj["memory"].value == pytest.approx(20.0)
    assert model.operation_pj["matrix/bf16"].value == pytest.approx(0.6, rel=1e-3)
    assert (model.names, model.cache_bytes, model.origin) == (("board",), 1000, "a test")


def test_what_only_one_kernel_tells_is_not_foretold_without_it() -> None:
    trials = {each.name: each for each in fitted(("board",), KERNELS, 0, "").trials}
    assert trials["product"].predicted_j is None
    assert trials["copy"].predicted_j == pytest.approx(170.0)


def test_a_kernel_that_does_not_fit_shows_in_the_error_and_in_the_bounds() -> None:
    odd = [*KERNELS, kernel("odd", 250.0, 1.0, active=1.0)]
    model = fitted(("board",), odd, 0, "")
    assert model.error is not None
    assert model.error > 0.2
    assert model.active_w is not None
    assert model.active_w.low == pytest.approx(50.0, abs=1.0)
    assert model.active_w.high > 60.0


def test_the_error_that_most_trials_stay_within() -> None:
    trials = [Trial(str(n), 1.0, 100.0, 100.0 + n) for n in range(21)]
    assert largest_usual_error(trials) == pytest.approx(0.19)
    assert errors([Trial("under", 1.0, 100.0, 90.0)]) == pytest.approx([0.1])
    assert largest_usual_error([Trial("unknown", 1.0, 1.0, None)]) is None
