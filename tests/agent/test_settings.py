"""Settings in force, as text."""

from __future__ import annotations

import pytest
import torch

from magneton_agent.settings import StepSettings, settings_in_force


def test_settings_are_those_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    plain = settings_in_force()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with torch.inference_mode(), torch.autocast("cpu"):
        found = settings_in_force()
    changed = {name: value for name, value in found.items() if plain.get(name) != value}
    assert changed == {
        "torch.is_grad_enabled()": "False",
        "torch.is_inference_mode_enabled()": "True",
        "torch.is_autocast_enabled('cpu')": "True",
        "os.environ['OMP_NUM_THREADS']": "'3'",
    }
    assert plain["torch.get_default_dtype()"] == "torch.float32"


def test_of_a_step_the_first_look_counts_but_for_autocast() -> None:
    settings = StepSettings()
    settings.look()
    with torch.no_grad(), torch.autocast("cpu"):
        settings.look()
    settings.look()
    assert settings.found["torch.is_grad_enabled()"] == "True"
    assert settings.found["torch.is_autocast_enabled('cpu')"] == "True"
    assert settings.found["torch.is_autocast_enabled('cuda')"] == "False"
