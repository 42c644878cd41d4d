"""The CPU power model's arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from magneton.analysis.power import CpuPowerModel, cpu_model
from magneton_agent.schema.messages import CpuPower
from tests.analysis.steps import loaded


def test_the_published_coefficients() -> None:
    model = CpuPowerModel()
    assert (model.idle_w, model.full_w) == (0.74, 3.5)
    assert model.busy_w == pytest.approx(2.76)


def test_idle_and_busy_energy() -> None:
    model = CpuPowerModel(idle_w=1.0, full_w=4.0)
    assert model.idle_j(cpus=8, duration_s=0.5) == 4.0  # 1 W * 8 * 0.5 s
    assert model.busy_j(cpu_s=2.0) == 6.0  # (4 W - 1 W) * 2 s


def test_all_cpus_busy_draw_full_power() -> None:
    model = CpuPowerModel()
    assert model.idle_j(4, 2.0) + model.busy_j(8.0) == pytest.approx(4 * 3.5 * 2.0)


def test_what_was_fitted_to_the_machine_stands_in_the_place_of_averages() -> None:
    plain = loaded(cpus=4)
    assert cpu_model(plain) == CpuPowerModel()
    found = cpu_model(replace(plain, cpu_power=CpuPower(idle_w=20.0, busy_w=5.0)))
    assert found.idle_j(4, 2.0) == 40.0  # 20 W for 2 s
    assert found.busy_j(3.0) == 15.0
